import { ownedDevicesKey, deviceKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { findDevice, type Device } from './device.ts';

/** A page of an account's devices and where the next one begins; no `next` = that was the last one. */
export interface OwnedDevicePage {
  devices: Device[];
  next?: string;
}

/**
 * One page of the devices that an account owns; `cursor` is the `next` of the page before, or ''. It reads `limit`
 * devices at most. A page may have fewer: each device is asked itself whose it is.
 */
export async function listOwnedDevices(
  store: Store,
  owner: string,
  { cursor, limit }: { cursor: string; limit: number },
): Promise<OwnedDevicePage> {
  const from = cursor === '' ? '-' : `(${cursor}`;
  const ids = await store.redis.zrange(ownedDevicesKey(owner), from, '+', 'BYLEX', 'LIMIT', 0, limit);
  const found = await Promise.all(ids.map((id) => findDevice(store, id)));
  const devices = found.filter((device) => device !== undefined).filter((device) => device.owner === owner);
  const last = ids.at(-1);
  return ids.length < limit || last === undefined ? { devices } : { devices, next: last };
}

/**
 * Notes that a device is an account's ('' = nobody's). A device and its owner lie in two partitions, which no script can
 * change together: so it is noted before the device is made, and an entry without such a device means nothing.
 */
export async function listAsOwned(store: Store, owner: string, id: string): Promise<void> {
  if (owner !== '') await store.redis.zadd(ownedDevicesKey(owner), 0, id);
}

/** Takes a deleted device off its owner's list, unless another one of its id has come there meanwhile. */
export async function unlistAsOwned(store: Store, owner: string, id: string): Promise<void> {
  await store.redis.zrem(ownedDevicesKey(owner), id);
  const [nowOwner, state] = await store.redis.hmget(deviceKey(id), 'owner', 'state');
  if (nowOwner === owner && state !== 'deleted') await listAsOwned(store, owner, id);
}
