import { partitionOfDevice } from '../ids.ts';
import { confirmEnded } from '../leases/confirm-ended.ts';
import { deviceIndexKey, deviceKey, eventsKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { hashDeviceKey, newDeviceKey } from './device-key.ts';
import { listAsOwned, unlistAsOwned } from './owned-devices.ts';

/**
 * A new device; `owner` is a uid or ''. The owner is told, not asked: a device works on when its owner's account is
 * disabled or deleted, because it may be shared by many. Who wants it out disables it as well.
 */
export interface NewDevice {
  id: string;
  label: string;
  owner: string;
  roles: readonly string[];
  actor: string;
}

/** Why a device changes and who changes it. */
export interface DeviceChange {
  id: string;
  reason: string;
  actor: string;
  /** Where the owner acts: a uid; somebody else's device is then as good as none. */
  owner?: string;
}

/** Creates a device and returns its key, which nobody can read again; undefined if the id is taken. */
export async function createDevice(store: Store, device: NewDevice): Promise<string | undefined> {
  const { id, label, owner, roles, actor } = device;
  const key = newDeviceKey();
  const partition = partitionOfDevice(id);
  await listAsOwned(store, owner, id);
  const [outcome] = await store.run(
    'device-create',
    [deviceKey(id), deviceIndexKey(partition), eventsKey(partition)],
    [id, label, owner, roles.join(','), hashDeviceKey(key), actor, ''],
  );
  await confirmEnded(store, { deviceId: id });
  if (outcome !== 'created') return undefined;
  // Once more: who deletes an earlier device of this id may just have taken it off the list.
  await listAsOwned(store, owner, id);
  return key;
}

/** What became of a rotation. `overlap`: an earlier one still goes on; with an overlap of 0 s it is cut short. */
export type KeyRotation =
  | { outcome: 'rotated'; key: string; oldKeyUntilMs: number }
  | { outcome: 'overlap'; untilMs: number }
  | { outcome: 'unknown' };

/**
 * Gives a device a new key, which nobody can read again. The old one works for `overlapSeconds` more; with 0 it is void
 * at once, and so are the connections that it opened. `owner` as in DeviceChange.
 */
export async function rotateDeviceKey(
  store: Store,
  rotation: { id: string; overlapSeconds: number; actor: string; owner?: string },
): Promise<KeyRotation> {
  const { id, overlapSeconds, actor, owner = '' } = rotation;
  const key = newDeviceKey();
  const [outcome, detail, overlapUntilMs] = await store.run(
    'device-rotate-key',
    [deviceKey(id), eventsKey(partitionOfDevice(id))],
    [hashDeviceKey(key), overlapSeconds, actor, '', owner],
  );
  await confirmEnded(store, { deviceId: id });
  if (outcome === 'rotated') return { outcome, key, oldKeyUntilMs: Number(detail) };
  if (detail === 'overlap') return { outcome: 'overlap', untilMs: Number(overlapUntilMs) };
  return { outcome: 'unknown' };
}

/** Refuses a device from its next check on; returns when that is durable. False if there is no such device. */
export async function disableDevice(store: Store, change: DeviceChange): Promise<boolean> {
  return (await setState(store, change, 'disabled')) === 'set';
}

/** Lets a device in again. False if there is no such device. */
export async function enableDevice(store: Store, change: DeviceChange): Promise<boolean> {
  return (await setState(store, change, 'active')) === 'set';
}

/** Lets a device in again, for its owner, who can't lift what somebody else has ordered: `not-the-owners`. */
export function enableOwnDevice(
  store: Store,
  change: DeviceChange & { owner: string },
): Promise<'set' | 'unknown' | 'not-the-owners'> {
  return setState(store, change, 'active');
}

/** Deletes a device; its tombstone stays for 90 days. False if there is no such device. */
export async function deleteDevice(store: Store, change: DeviceChange): Promise<boolean> {
  const owner = await store.redis.hget(deviceKey(change.id), 'owner');
  const isDeleted = (await setState(store, change, 'deleted')) === 'set';
  if (isDeleted && owner) await unlistAsOwned(store, owner, change.id);
  return isDeleted;
}

async function setState(
  store: Store,
  { id, reason, actor, owner = '' }: DeviceChange,
  state: 'active' | 'disabled' | 'deleted',
): Promise<'set' | 'unknown' | 'not-the-owners'> {
  const partition = partitionOfDevice(id);
  const [outcome, refusal] = await store.run(
    'device-set-state',
    [deviceKey(id), deviceIndexKey(partition), eventsKey(partition)],
    [state, reason, actor, '', owner],
  );
  await confirmEnded(store, { deviceId: id });
  if (outcome !== 'refused') return 'set';
  return refusal === 'not-the-owners' ? refusal : 'unknown';
}
