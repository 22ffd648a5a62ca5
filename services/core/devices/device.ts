import { partitions, partitionOfDevice } from '../ids.ts';
import { readClientStates, type ClientList, type ClientState } from '../connections/client-states.ts';
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
  /** Who has set its state last, or '' if it never changed. */
  stateBy: string;
  createdAtMs: number;
  /** Since when its key is in force; the time of creation if it was never rotated. */
  keyChangedAtMs: number;
  /** Until when the key before works or has worked, or 0. */
  oldKeyUntilMs: number;
  /** The last CONNECT, also of a client that was kicked since, or 0. */
  lastSeenMs: number;
  /** Its client ids, the last seen first; those that connected by a key that is void now are not among them. */
  clients: DeviceClient[];
}

/** A client id that a device has connected with, and when it did so last. */
export type DeviceClient = Pick<ClientState, 'clientId' | 'lastSeenMs' | 'connected' | 'sinceMs'>;

/** A page of devices and where the next one begins; no `next` = that was the last one. */
export interface DevicePage {
  devices: Device[];
  next?: string;
}

/** The device with an id, or undefined if there is none (any more). */
export async function findDevice(store: Store, id: string): Promise<Device | undefined> {
  const [stored, [noted]] = await Promise.all([
    store.redis.hgetall(deviceKey(id)),
    readClientStates(store, [deviceClientsKey(id)]),
  ]);
  if (stored.id === undefined || stored.state === 'deleted') return undefined;
  return toDevice(stored, noted ?? { clients: [], forgottenSeenMs: 0 });
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

function toDevice(stored: Record<string, string>, noted: ClientList): Device {
  const createdAtMs = Number(stored.createdAtMs);
  const clients = toClients(noted.clients, stored.epoch ?? '');
  const seenMs = Math.max(noted.forgottenSeenMs, ...noted.clients.map(({ lastSeenMs }) => lastSeenMs));
  return {
    id: stored.id ?? '',
    label: stored.label ?? '',
    owner: stored.owner ?? '',
    roles: (stored.roles ?? '').split(',').filter(Boolean),
    state: stored.state === 'active' ? 'active' : 'disabled',
    stateBy: stored.actor ?? '',
    createdAtMs,
    keyChangedAtMs: Number(stored.keyChangedAtMs ?? stored.createdAtMs),
    oldKeyUntilMs: Number(stored.previousKeyUntilMs ?? 0),
    // An earlier device may have had the same id.
    lastSeenMs: seenMs >= createdAtMs ? seenMs : (clients[0]?.lastSeenMs ?? 0),
    clients,
  };
}

function toClients(clients: readonly ClientState[], currentEpoch: string): DeviceClient[] {
  return clients
    .filter(({ epoch }) => epoch === currentEpoch)
    .map(({ epoch: _epoch, isReported: _isReported, ...client }) => client)
    .sort((a, b) => b.lastSeenMs - a.lastSeenMs);
}
