import { partitions, partitionOfDevice } from '../ids.ts';
import { deviceClientsKey, deviceIndexKey, deviceKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** A device as stored; times in ms. Its key is stored as a hash and never read back. */
export interface Device {
  id: string;
  label: string;
  /** The owner's uid, or ''. */
  owner: string;
  roles: string[];
  state: 'active' | 'disabled';
  createdAtMs: number;
  /** Since when its key is in force; the time of creation if it was never rotated. */
  keyChangedAtMs: number;
  /** Until when the key before works or has worked, or 0. */
  oldKeyUntilMs: number;
  /** The last CONNECT, or 0. */
  lastSeenMs: number;
  /** Its connections, the newest first; those that a void key opened are not among them. */
  clients: DeviceClient[];
}

/** A client id that a device has connected with, and when it did so last. */
export interface DeviceClient {
  clientId: string;
  lastSeenMs: number;
}

/** A page of devices and where the next one begins; no `next` = that was the last one. */
export interface DevicePage {
  devices: Device[];
  next?: string;
}

/** The device with an id, or undefined if there is none (any more). */
export async function findDevice(store: Store, id: string): Promise<Device | undefined> {
  const [stored, clients] = await Promise.all([
    store.redis.hgetall(deviceKey(id)),
    store.redis.hgetall(deviceClientsKey(id)),
  ]);
  if (stored.id === undefined || stored.state === 'deleted') return undefined;
  return toDevice(stored, clients);
}

/** One page of all devices, `limit` at most; `cursor` is the `next` of the page before, or '' for the first. */
export async function listDevices(store: Store, cursor: string, limit: number): Promise<DevicePage> {
  const ids: string[] = [];
  let after = cursor;
  for (const partition of partitions.slice(Math.max(0, partitions.indexOf(cursor.charAt(0))))) {
    const from = after === '' ? '-' : `(${after.slice(1)}`;
    const found = await store.redis.zrange(
      deviceIndexKey(partition),
      from,
      '+',
      'BYLEX',
      'LIMIT',
      0,
      limit - ids.length,
    );
    ids.push(...found);
    after = '';
    if (ids.length >= limit) break;
  }
  const devices = (await Promise.all(ids.map((id) => findDevice(store, id)))).filter(
    (device) => device !== undefined,
  );
  const last = ids.at(-1);
  return ids.length < limit || last === undefined
    ? { devices }
    : { devices, next: partitionOfDevice(last) + last };
}

function toDevice(stored: Record<string, string>, clients: Record<string, string>): Device {
  const current = toClients(clients, stored.epoch ?? '');
  return {
    id: stored.id ?? '',
    label: stored.label ?? '',
    owner: stored.owner ?? '',
    roles: (stored.roles ?? '').split(',').filter(Boolean),
    state: stored.state === 'active' ? 'active' : 'disabled',
    createdAtMs: Number(stored.createdAtMs),
    keyChangedAtMs: Number(stored.keyChangedAtMs ?? stored.createdAtMs),
    oldKeyUntilMs: Number(stored.previousKeyUntilMs ?? 0),
    lastSeenMs: current[0]?.lastSeenMs ?? 0,
    clients: current,
  };
}

function toClients(stored: Record<string, string>, epoch: string): DeviceClient[] {
  return Object.entries(stored)
    .map(([clientId, noted]) => ({ clientId, noted: noted.split(' ') }))
    .filter(({ noted }) => noted[1] === epoch)
    .map(({ clientId, noted }) => ({ clientId, lastSeenMs: Number(noted[0]) }))
    .sort((a, b) => b.lastSeenMs - a.lastSeenMs);
}
