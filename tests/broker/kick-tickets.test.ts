import t from 'tap';
import { ticketKey } from '../../services/core/redis/keys.ts';
import { openStore, untilReady } from '../../services/core/redis/store.ts';
import { issueTicket } from '../../services/webhook/kick/tickets.ts';
import { startBrokerStage, withoutKicks } from '../support/broker-stage.ts';
import { openClient, publish, subscribe } from '../support/mqtt-outcomes.ts';
import { openRedisGate } from '../support/redis-gate.ts';
import { until } from '../support/until.ts';
import { needsOneRedis } from '../support/test-redis.ts';

/** The service kicks nobody here: each ticket is issued by the test. */
const stage = await startBrokerStage(t, withoutKicks);
const { store } = stage;
const port = stage.stack.ports.mqtt;
const kick = (clientId: string, password: string) =>
  openClient({ port, clientId, username: 'k:kick', password });

t.test('a ticket opens one connection with its client id, once', async (t) => {
  const alice = await stage.signIn();
  const victim = await stage.connect(alice);
  const ticket = (await issueTicket(store, alice.clientId)) ?? '';

  const first = kick(alice.clientId, ticket);
  t.equal(await first.next(), 'connack 0');
  t.equal((await victim.settle()).at(-1), 'closed', 'the victim is out');
  await first.leave();

  t.equal(await kick(alice.clientId, ticket).next(), 'connack 135', 'a second time');
});

t.test('of many simultaneous uses of one ticket one passes', async (t) => {
  const alice = await stage.signIn();
  const ticket = (await issueTicket(store, alice.clientId)) ?? '';
  const check = { username: 'k:kick', password: ticket, clientid: alice.clientId };

  const answers = await Promise.all(Array.from({ length: 20 }, () => stage.askUser(check)));

  t.equal(answers.filter(({ status }) => status === 200).length, 1);
});

t.test('a stolen ticket is good for no other client id', async (t) => {
  const [alice, bob] = [await stage.signIn(), await stage.signIn()];
  const ticket = (await issueTicket(store, alice.clientId)) ?? '';

  for (const clientId of [bob.clientId, `${alice.clientId}-x`, alice.clientId.toUpperCase(), 'x', '']) {
    t.match(await kick(clientId, ticket).next(), /^(connack 1[0-9]{2}|closed)$/, clientId);
  }
  const owner = kick(alice.clientId, ticket);
  t.equal(await owner.next(), 'connack 0', 'its own twin works');
  await owner.leave();
});

t.test('a wrong guess neither passes nor uses the ticket up', async (t) => {
  const alice = await stage.signIn();
  const ticket = (await issueTicket(store, alice.clientId)) ?? '';

  for (const guess of ['x', ticket.slice(1), `${ticket}x`, ticket.toLowerCase(), alice.token]) {
    t.equal(await kick(alice.clientId, guess).next(), 'connack 135');
  }
  const owner = kick(alice.clientId, ticket);
  t.equal(await owner.next(), 'connack 0');
  await owner.leave();
});

t.test(
  'a ticket whose issue was not confirmed in time does not hold up the next one',
  needsOneRedis,
  async (t) => {
    const gate = await openRedisGate(t, stage.stack.ports.redis);
    const url = stage.stack.redisUrl('webhook').replace(`:${stage.stack.ports.redis}`, `:${gate.port}`);
    const slow = openStore({ url, commandTimeoutMs: 500, onError: () => undefined });
    t.teardown(() => slow.close());
    await untilReady(slow, 30_000);
    const alice = await stage.signIn();

    gate.hold(ticketKey(alice.clientId));
    await t.rejects(issueTicket(slow, alice.clientId), { message: 'Command timed out' });
    await until(async () => (await store.redis.exists(ticketKey(alice.clientId))) === 1);
    t.equal(await issueTicket(store, alice.clientId), undefined, 'it is out');
    gate.open();

    await until(async () => (await issueTicket(store, alice.clientId)) !== undefined, { timeoutMs: 8000 });
    t.pass('taken back before its end');
  },
);

t.test('a kick may connect and nothing else', async (t) => {
  const [alice, bob] = [await stage.signIn(), await stage.signIn()];
  const listener = await stage.connect(bob);
  await subscribe(listener, 'room/#', 1);
  const ticket = (await issueTicket(store, alice.clientId)) ?? '';
  const will = { topic: 'room/will', payload: Buffer.from('x'), qos: 1, retain: false } as const;
  const thief = openClient({ port, clientId: alice.clientId, username: 'k:kick', password: ticket, will });
  t.equal(await thief.next(), 'connack 0');

  t.same(await publish(thief, 'room/a', 1), ['puback 135']);
  t.same(await publish(thief, `users/${alice.username}/x`, 1), ['puback 135']);
  t.same(await subscribe(thief, 'room/a', 1), ['suback 135']);
  t.same(await subscribe(thief, 'users/k:kick/#', 1), ['suback 135']);
  await thief.drop();
  t.same(await listener.settle(), [], 'not even a will');
  await listener.leave();
});

t.test('a ticket is stored as its hash, for ten seconds, and only one is out at a time', async (t) => {
  const alice = await stage.signIn();
  const ticket = (await issueTicket(store, alice.clientId)) ?? '';

  const stored = await store.redis.get(ticketKey(alice.clientId));
  t.ok(stored && stored !== ticket && !stored.includes(ticket));
  t.equal(ticket.length, 43, '256 bits');
  const leftSeconds = await store.redis.ttl(ticketKey(alice.clientId));
  t.ok(leftSeconds > 0 && leftSeconds <= 10);
  t.equal(await issueTicket(store, alice.clientId), undefined);

  await store.redis.del(ticketKey(alice.clientId)); // as its expiry does
  t.equal(await kick(alice.clientId, ticket).next(), 'connack 135');
});
