import { connect, type MqttClient } from 'mqtt';
import t from 'tap';
import { clientsKey, ticketKey } from '../../services/core/redis/keys.ts';
import { startBrokerStage } from '../support/broker-stage.ts';
import { openClient, publish, subscribe } from '../support/mqtt-outcomes.ts';
import { until } from '../support/until.ts';

const stage = await startBrokerStage(t);
const { store } = stage;

t.test('revoking a session closes its connections, on TCP and on WebSocket', async (t) => {
  const alice = await stage.signIn();
  const onTcp = await stage.connect(alice);
  const second = await stage.connect(alice, { clientId: `${alice.sid}-second`, version: 4 });
  const onWebSocket = await connectWebSocket(`${alice.sid}-ws`, alice.username, alice.token);
  const bystander = await stage.connect(await stage.signIn());

  const closed: [Promise<string>, Promise<string>, Promise<void>] = [
    onTcp.next(),
    second.next(),
    new Promise<void>((resolve) => onWebSocket.once('close', () => resolve())),
  ];
  const startMs = performance.now();
  await stage.revoke(alice);
  const [first] = await Promise.all(closed);
  const tookMs = performance.now() - startMs;

  t.match(first, /^(closed|disconnect)/);
  t.comment(`three connections closed ${tookMs.toFixed(1)} ms after the call of revoke`);
  t.same(await bystander.settle(), [], 'nobody else is disturbed');
  onWebSocket.end();
  await bystander.leave();
});

t.test('kicks are quick: revoke to closed connection, twenty times', async (t) => {
  const tookMs: number[] = [];
  const connectMs: number[] = [];
  for (let i = 0; i < 20; i += 1) {
    const alice = await stage.signIn();
    const connectStartMs = performance.now();
    const client = await stage.connect(alice);
    connectMs.push(performance.now() - connectStartMs);
    await stage.revoke(alice);
    const startMs = performance.now();
    while ((await client.next()) !== 'closed');
    tookMs.push(performance.now() - startMs);
  }
  for (const each of [tookMs, connectMs]) each.sort((a, b) => a - b);

  t.comment(
    `from the acknowledged revocation: p50 ${tookMs[10]?.toFixed(1)} ms, max ${tookMs[19]?.toFixed(1)} ms`,
  );
  t.ok((tookMs[10] ?? Infinity) < Math.max(500, 20 * (connectMs[10] ?? 0)), 'a kick is a few connects');
});

t.test('a kick wipes the persistent session, and its queue with it', async (t) => {
  const [alice, bob] = [await stage.signIn(), await stage.signIn()];
  const speaker = await stage.connect(alice);
  const reader = await stage.connect(bob, { clean: false });
  await subscribe(reader, 'room/queue', 1);
  await reader.leave();
  t.same(await publish(speaker, 'room/queue', 1, 'before'), ['puback'], 'queued');

  await stage.revoke(bob);
  await until(async () => (await store.redis.hlen(clientsKey(bob.sid))) === 0);

  await store.redis.hset(`bn:{${bob.sid[0]}}:session:${bob.sid}`, 'state', 'active'); // only to look inside
  const again = await stage.connect(bob, { clean: false });
  t.same(await again.settle(), [], 'nothing was kept');
  t.same(await publish(speaker, 'room/queue', 1, 'later'), ['puback 16'], 'not even the subscription');
  await Promise.all([speaker.leave(), again.leave()]);
});

t.test('the will of a kicked session is not sent', async (t) => {
  const [alice, bob] = [await stage.signIn(), await stage.signIn()];
  const listener = await stage.connect(bob);
  await subscribe(listener, 'room/will', 1);
  const will = { topic: 'room/will', payload: Buffer.from('poison'), qos: 1, retain: false } as const;
  const client = await stage.connect(alice, { will });

  await stage.revoke(alice);
  while ((await client.next()) !== 'closed');

  t.same(await listener.settle(), []);
  await listener.leave();
});

t.test('a client id is forgotten once it is kicked, and no ticket is left', async (t) => {
  const alice = await stage.signIn();
  const client = await stage.connect(alice);
  t.equal(await store.redis.hexists(clientsKey(alice.sid), alice.clientId), 1);

  await stage.revoke(alice);
  while ((await client.next()) !== 'closed');

  await until(async () => (await store.redis.hlen(clientsKey(alice.sid))) === 0);
  t.equal(await store.redis.exists(ticketKey(alice.clientId)), 0);
});

t.test('a session that is disabled with its account is kicked too', async (t) => {
  const alice = await stage.signIn();
  const second = await stage.signInAgain(alice);
  const clients = [await stage.connect(alice), await stage.connect(second)];

  await stage.disable(alice);

  for (const client of clients) while ((await client.next()) !== 'closed');
  t.pass('both are gone');
});

t.test('nobody connects as a kick', async (t) => {
  const [alice, mallory] = [await stage.signIn(), await stage.signIn()];
  const victim = await stage.connect(alice);
  const guesses = ['x', 'A'.repeat(43), mallory.token, '', 'A'.repeat(5000)];

  for (const password of guesses) {
    const thief = openClient({
      port: stage.stack.ports.mqtt,
      clientId: alice.clientId,
      username: 'k:kick',
      password,
    });
    t.match(await thief.next(), /^(connack 13[45]|closed)$/);
  }

  t.same(await victim.settle(), [], 'the victim is still there');
  await victim.leave();
});

t.test('the metrics tell of the kicks', async (t) => {
  const metrics = await (await fetch(`${stage.stack.urls.webhook}/metrics`)).text();

  t.match(metrics, /bednet_kicks_total\{outcome="kicked"\} [1-9]/);
  t.match(metrics, /bednet_kick_delay_milliseconds_count [1-9]/);
  t.match(metrics, /bednet_checks_total\{check="user",reason="kick-ticket-refused"\} [1-9]/);
});

async function connectWebSocket(clientId: string, username: string, password: string): Promise<MqttClient> {
  const client = connect(stage.stack.urls.websocket, { clientId, username, password, reconnectPeriod: 0 });
  client.on('error', () => undefined); // Its end is told by 'close'.
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('close', () => reject(new Error('no WebSocket connection')));
  });
  return client;
}
