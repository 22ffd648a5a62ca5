import { findAccount } from '../../../core/accounts/account.ts';
import {
  createDevice,
  deleteDevice,
  disableDevice,
  enableDevice,
  rotateDeviceKey,
  type DeviceChange,
} from '../../../core/devices/change-device.ts';
import { findDevice, type Device } from '../../../core/devices/device.ts';
import { BednetError } from '../../../core/errors.ts';
import type { Store } from '../../../core/redis/store.ts';
import type { FactName, SessionContext } from '../../session-context.ts';
import { assertMayGive, tell, type Admin, type ReasonGiven } from './admin.ts';

/** What an operator says of a new device; `owner` is a uid or ''. */
export interface DeviceWish {
  id: string;
  label: string;
  owner: string;
  roles: readonly string[];
}

/** Which device, and why. */
export interface DeviceAct extends ReasonGiven {
  id: string;
}

type Work = (store: Store, change: DeviceChange) => Promise<boolean>;

/** The device with an id. Throws RES_NOT_FOUND. */
export async function getDevice({ store }: SessionContext, id: string): Promise<Device> {
  const device = await findDevice(store, id);
  if (!device) throw new BednetError('RES_NOT_FOUND');
  return device;
}

/**
 * Creates a device; its key is told this once. Throws RES_DEVICE_ID_TAKEN, VAL_UNKNOWN_ROLE,
 * AUTH_INSUFFICIENT_PERMISSIONS, and VAL_INVALID_FORMAT if there is no such owner.
 */
export async function create(
  context: SessionContext,
  admin: Admin,
  wish: DeviceWish,
): Promise<{ device: Device; key: string }> {
  const { store } = context;
  await assertMayGive(context, admin, wish.roles);
  if (wish.owner !== '' && !(await findAccount(store, wish.owner))) {
    throw new BednetError('VAL_INVALID_FORMAT', { field: 'owner', message: 'There is no such owner.' });
  }
  const key = await createDevice(store, { ...wish, actor: admin.session.uid });
  if (key === undefined) throw new BednetError('RES_DEVICE_ID_TAKEN', { field: 'id' });
  tell(admin, 'device-created', { device: wish.id, ...(wish.owner && { uid: wish.owner }) });
  return { device: await getDevice(context, wish.id), key };
}

/** Gives a device a new key, which is told this once. Throws RES_NOT_FOUND, RES_KEY_OVERLAP. */
export async function rotateKey(
  { store }: SessionContext,
  admin: Admin,
  { id, overlapSeconds }: { id: string; overlapSeconds: number },
): Promise<{ key: string; oldKeyUntilMs: number }> {
  const rotation = await rotateDeviceKey(store, { id, overlapSeconds, actor: admin.session.uid });
  switch (rotation.outcome) {
    case 'rotated':
      tell(admin, 'device-key-rotated', { device: id });
      return rotation;
    case 'overlap':
      throw new BednetError('RES_KEY_OVERLAP');
    case 'unknown':
      throw new BednetError('RES_NOT_FOUND');
  }
}

/** Refuses a device from its next check on. Throws RES_NOT_FOUND. */
export function disable(context: SessionContext, admin: Admin, act: DeviceAct): Promise<void> {
  return change(context, admin, act, { work: disableDevice, event: 'device-disabled' });
}

/** Lets a device in again. Throws RES_NOT_FOUND. */
export function enable(context: SessionContext, admin: Admin, act: DeviceAct): Promise<void> {
  return change(context, admin, act, { work: enableDevice, event: 'device-enabled' });
}

/** Deletes a device. Throws RES_NOT_FOUND. */
export function remove(context: SessionContext, admin: Admin, act: DeviceAct): Promise<void> {
  return change(context, admin, act, { work: deleteDevice, event: 'device-deleted' });
}

async function change(
  { store }: SessionContext,
  admin: Admin,
  { id, reason }: DeviceAct,
  { work, event }: { work: Work; event: FactName },
): Promise<void> {
  if (!(await work(store, { id, reason, actor: admin.session.uid }))) throw new BednetError('RES_NOT_FOUND');
  tell(admin, event, { device: id, reason });
}
