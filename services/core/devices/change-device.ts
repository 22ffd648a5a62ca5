import { partitionOfDevice } from '../ids.ts';
import { deviceIndexKey, deviceKey, eventsKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { hashDeviceKey, newDeviceKey } from './device-key.ts';

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
}

/** Creates a device and returns its key, which nobody can read again; undefined if the id is taken. */
export async function createDevice(store: Store, device: NewDevice): Promise<string | undefined> {
  const { id, label, owner, roles, actor } = device;
  const key = newDeviceKey();
  const partition = partitionOfDevice(id);
  const [outcome] = await store.run(
    'device-create',
    [deviceKey(id), deviceIndexKey(partition), eventsKey(partition)],
    [id, label, owner, roles.join(','), hashDeviceKey(key), actor, ''],
  );
  await store.confirmDurable();
  return outcome === 'created' ? key : undefined;
}

/** What became of a rotation. `overlap`: an earlier one still goes on; with an overlap of 0 s it is cut short. */
export type KeyRotation =
  | { outcome: 'rotated'; key: string; oldKeyUntilMs: number }
  | { outcome: 'overlap'; untilMs: number }
  | { outcome: 'unknown' };

/**
 * Gives a device a new key, which nobody can read again. The old one works for `overlapSeconds` more; with 0 it is void
 * at once, and so are the connections that it opened.
 */
export async function rotateDeviceKey(
  store: Store,
  rotation: { id: string; overlapSeconds: number; actor: string },
): Promise<KeyRotation> {
  const { id, overlapSeconds, actor } = rotation;
  const key = newDeviceKey();
  const [outcome, detail, overlapUntilMs] = await store.run(
    'device-rotate-key',
    [deviceKey(id), eventsKey(partitionOfDevice(id))],
    [hashDeviceKey(key), overlapSeconds, actor, ''],
  );
  await store.confirmDurable();
  if (outcome === 'rotated') return { outcome, key, oldKeyUntilMs: Number(detail) };
  if (detail === 'overlap') return { outcome: 'overlap', untilMs: Number(overlapUntilMs) };
  return { outcome: 'unknown' };
}

/** Refuses a device from its next check on; returns when that is durable. False if there is no such device. */
export function disableDevice(store: Store, change: DeviceChange): Promise<boolean> {
  return setState(store, change, 'disabled');
}

/** Lets a device in again. False if there is no such device. */
export function enableDevice(store: Store, change: DeviceChange): Promise<boolean> {
  return setState(store, change, 'active');
}

/** Deletes a device; its tombstone stays for 90 days. False if there is no such device. */
export function deleteDevice(store: Store, change: DeviceChange): Promise<boolean> {
  return setState(store, change, 'deleted');
}

async function setState(
  store: Store,
  { id, reason, actor }: DeviceChange,
  state: 'active' | 'disabled' | 'deleted',
): Promise<boolean> {
  const partition = partitionOfDevice(id);
  const [outcome] = await store.run(
    'device-set-state',
    [deviceKey(id), deviceIndexKey(partition), eventsKey(partition)],
    [state, reason, actor, ''],
  );
  await store.confirmDurable();
  return outcome !== 'refused';
}
