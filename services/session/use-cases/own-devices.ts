import {
  disableDevice,
  enableOwnDevice,
  rotateDeviceKey,
  type DeviceChange,
} from '../../core/devices/change-device.ts';
import { BednetError } from '../../core/errors.ts';
import type { Session } from '../../core/sessions/session.ts';
import type { Caller, FactName, SessionContext } from '../session-context.ts';
import { requireFresh } from './require-fresh.ts';

/** Refuses an own device from its next check on. Throws AUTH_STEP_UP_REQUIRED, RES_NOT_FOUND. */
export async function disableOwn(
  context: SessionContext,
  session: Session,
  id: string,
  caller: Caller,
): Promise<void> {
  requireFresh(context, session);
  const change = changeOf(session, id, 'disabled-by-owner');
  if (!(await disableDevice(context.store, change))) throw new BednetError('RES_NOT_FOUND');
  tell(session, id, caller, 'device-disabled');
}

/**
 * Lets an own device in again. Throws AUTH_STEP_UP_REQUIRED, RES_NOT_FOUND, and AUTH_INSUFFICIENT_PERMISSIONS where
 * somebody else has disabled it.
 */
export async function enableOwn(
  context: SessionContext,
  session: Session,
  id: string,
  caller: Caller,
): Promise<void> {
  requireFresh(context, session);
  const outcome = await enableOwnDevice(context.store, changeOf(session, id, 'enabled-by-owner'));
  if (outcome === 'unknown') throw new BednetError('RES_NOT_FOUND');
  if (outcome === 'not-the-owners') {
    const message = 'An operator has disabled this device, so only an operator can enable it.';
    throw new BednetError('AUTH_INSUFFICIENT_PERMISSIONS', { message });
  }
  tell(session, id, caller, 'device-enabled');
}

/** Gives an own device a new key, told this once. Throws AUTH_STEP_UP_REQUIRED, RES_NOT_FOUND, RES_KEY_OVERLAP. */
export async function rotateOwnKey(
  context: SessionContext,
  session: Session,
  { id, overlapSeconds }: { id: string; overlapSeconds: number },
  caller: Caller,
): Promise<{ key: string; oldKeyUntilMs: number }> {
  requireFresh(context, session);
  const { uid } = session;
  const rotation = await rotateDeviceKey(context.store, { id, overlapSeconds, actor: uid, owner: uid });
  switch (rotation.outcome) {
    case 'rotated':
      tell(session, id, caller, 'device-key-rotated');
      return rotation;
    case 'overlap':
      throw new BednetError('RES_KEY_OVERLAP');
    case 'unknown':
      throw new BednetError('RES_NOT_FOUND');
  }
}

function changeOf({ uid }: Session, id: string, reason: string): DeviceChange & { owner: string } {
  return { id, reason, actor: uid, owner: uid };
}

function tell({ uid, sid }: Session, device: string, caller: Caller, event: FactName): void {
  caller.tell(event, { uid, sid, device });
}
