import { walkAccounts } from '../accounts/walk-accounts.ts';
import { resultsOf, type Pipeline } from '../check/pipeline-results.ts';
import { readClientStates, type ClientState } from '../connections/client-states.ts';
import { listDevices } from '../devices/device.ts';
import { clientsKey, sessionIndexKey, sessionKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/**
 * An MQTT client that has connected and was not kicked since. One that has left by itself stays listed: our plugin reports
 * the end of a connection, so `connected` tells; with another plugin its last CONNECT, `lastSeenMs`, is all that is known.
 */
export interface SeenClient extends Pick<ClientState, 'clientId' | 'lastSeenMs' | 'connected' | 'sinceMs'> {
  /** Whose it is: an account's session or a device. */
  owner: { uid: string; sid: string; username: string } | { device: string };
}

/** A page of clients; no `next` = that was the last one. */
export interface ClientPage {
  clients: SeenClient[];
  next?: string;
}

const accountsPerRead = 50;
const mostAccountsPerPage = 500;
const devicesPerPage = 50;

/** The form of a cursor: `a` and a uid, or `d` and a cursor of listDevices. */
export const clientCursorPattern = '^(a[A-Za-z0-9_-]{22}|d([A-Za-z0-9_-]{2,65})?)$';

/**
 * One page of the clients, first those of accounts, then those of devices. It looks at 500 accounts or 50 devices at
 * most, so it may be empty and yet have a `next`; the clients of one owner are never torn apart, so it may hold more
 * than `limit`. `cursor` is the `next` of the page before, or '' for the first one.
 */
export async function listClients(store: Store, cursor: string, limit: number): Promise<ClientPage> {
  if (cursor.startsWith('d')) return listClientsOfDevices(store, cursor.slice(1), limit);
  const clients: SeenClient[] = [];
  let accountsRead = 0;
  for await (const uids of walkAccounts(store, cursor.slice(1), accountsPerRead)) {
    const found = await readClientsOfAccounts(store, uids);
    for (const [index, uid] of uids.entries()) {
      clients.push(...(found[index] ?? []));
      accountsRead += 1;
      if (clients.length >= limit || accountsRead === mostAccountsPerPage)
        return { clients, next: `a${uid}` };
    }
  }
  return { clients, next: 'd' };
}

async function listClientsOfDevices(store: Store, cursor: string, limit: number): Promise<ClientPage> {
  const { devices, next } = await listDevices(store, cursor, Math.min(limit, devicesPerPage));
  const clients = devices.flatMap(({ id, clients: own }) =>
    own.map((client) => ({ ...client, owner: { device: id } })),
  );
  return next === undefined ? { clients } : { clients, next: `d${next}` };
}

/** For each account the clients of its sessions, in three round trips. */
async function readClientsOfAccounts(store: Store, uids: readonly string[]): Promise<SeenClient[][]> {
  const sids = await ask(store, (pipeline) => {
    for (const uid of uids) pipeline.zrange(sessionIndexKey(uid), '0', '-1');
  });
  const owners = uids.flatMap((uid, index) => (sids[index] as string[]).map((sid) => ({ uid, sid })));
  if (owners.length === 0) return uids.map(() => []);
  const [lists, names] = await Promise.all([
    readClientStates(
      store,
      owners.map(({ sid }) => clientsKey(sid)),
    ),
    ask(store, (pipeline) => {
      for (const { sid } of owners) pipeline.hget(sessionKey(sid), 'username');
    }),
  ]);
  const clients = owners.flatMap((owner, index) =>
    (lists[index]?.clients ?? []).map(({ epoch: _epoch, isReported: _isReported, ...client }) => ({
      ...client,
      owner: { ...owner, username: (names[index] as string | null) ?? '' },
    })),
  );
  return uids.map((uid) => clients.filter(({ owner }) => owner.uid === uid));
}

function ask(store: Store, fill: (pipeline: Pipeline) => void): Promise<unknown[]> {
  const pipeline = store.redis.pipeline();
  fill(pipeline);
  return pipeline.exec().then(resultsOf);
}
