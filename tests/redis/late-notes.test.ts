import t from 'tap';
import { writeBrokerReport } from '../../services/core/connections/broker-report.ts';
import { readClientStates, type ClientState } from '../../services/core/connections/client-states.ts';
import { connectionField } from '../../services/core/connections/connection.ts';
import { noteClients, type ConnectedClient } from '../../services/core/connections/note-clients.ts';
import { brokerReportKey, clientsKey } from '../../services/core/redis/keys.ts';
import { openTestStore } from '../cli/sign-in.ts';
import { startTestStack } from '../support/stack.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const store = await openTestStore(t, stack.redisUrl('webhook'));
const nowMs = Date.now();
const instance = 'a'.repeat(32);
const connection = `${instance}.1`;
/** So that the broker is not silent, however long the file takes. */
t.beforeEach(async () => {
  const report = writeBrokerReport({ lastReportMs: Date.now(), dropped: 0, lossAtMs: 0 });
  await store.redis.set(brokerReportKey(instance), report);
});

let sessions = 0;

/** A client of a session of its own, that has connected a second ago. */
function newClient(): ConnectedClient {
  const sid = `${sessions++}`.padStart(22, 'A');
  return { sid, clientId: sid, generation: 1, seenMs: nowMs - 1000, connection };
}
async function stateOf({ sid }: ConnectedClient): Promise<ClientState | undefined> {
  const [list] = await readClientStates(store, [clientsKey(sid)]);
  t.equal(list?.clients.length, 1, 'one client');
  return list?.clients[0];
}

t.test('a note that is sent again never replaces a newer one', async (t) => {
  const first = newClient();
  const newer = { ...first, seenMs: nowMs, connection: `${instance}.2` };

  await noteClients(store, [newer]);
  const before = await stateOf(first);
  const entry = await store.redis.hget(clientsKey(first.sid), first.clientId);
  await noteClients(store, [{ ...first, isLate: true }]);

  t.equal(await store.redis.hget(clientsKey(first.sid), first.clientId), entry);
  t.same(await stateOf(first), before);
  t.match(before, { lastSeenMs: nowMs, isReported: true, sinceMs: nowMs });
});

t.test('a note that is sent again and is the newest says when, and that the rest is unknown', async (t) => {
  const first = newClient();

  await noteClients(store, [first]);
  await store.redis.hdel(clientsKey(first.sid), connectionField(first.clientId, connection));
  t.match(await stateOf(first), { connected: false, lastSeenMs: nowMs - 1000 }, 'its end was told');
  await noteClients(store, [{ ...first, seenMs: nowMs, isLate: true }]);

  t.match(await stateOf(first), { connected: 'unknown', lastSeenMs: nowMs });
});

t.test('a client is known by the note that was sent again, if it is the only one', async (t) => {
  const first = newClient();

  const [outcome] = await noteClients(store, [{ ...first, isLate: true }]);

  t.match(outcome, { mayHaveEnded: true }, 'there is no such session');
  t.match(await stateOf(first), { connected: 'unknown', lastSeenMs: nowMs - 1000, isReported: false });
});

t.test('a CONNECT after a note that was sent again counts as all others', async (t) => {
  const first = newClient();

  await noteClients(store, [{ ...first, isLate: true }]);
  await noteClients(store, [{ ...first, seenMs: nowMs }]);

  t.match(await stateOf(first), { lastSeenMs: nowMs, isReported: true, sinceMs: nowMs });
});

t.test('of notes that are sent together each has its own outcome, whether late or not', async (t) => {
  const batch = [newClient(), { ...newClient(), isLate: true as const }, newClient()];

  const outcomes = await noteClients(store, batch);

  // The entry and the connection, or the entry and the late note.
  t.match(outcomes, [{ clients: 2 }, { clients: 2 }, { clients: 2 }]);
  for (const client of batch) await stateOf(client);
});
