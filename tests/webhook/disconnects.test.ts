import t from 'tap';
import { readClientStates, type ClientState } from '../../services/core/connections/client-states.ts';
import { findDevice } from '../../services/core/devices/device.ts';
import {
  brokerInstanceKey,
  brokerReportKey,
  clientsKey,
  deviceClientsKey,
} from '../../services/core/redis/keys.ts';
import { addDevice, askConnect } from '../support/devices.ts';
import { until } from '../support/until.ts';
import { startWebhookStage, type SignedIn } from '../support/webhook-service.ts';

const stage = await startWebhookStage(t, { settings: { webhook: { BROKER_URLS: '' } } });
const { store } = stage;
const [a, b] = ['a'.repeat(32), 'b'.repeat(32)] as const;
const report = { broker: 'host mosquitto', instance: a, started: false, dropped: 0, disconnected: [] };

interface Sent {
  broker?: string;
  instance?: string;
  started?: boolean;
  dropped?: number;
  disconnected?: { clientid: string; connection: number }[];
}
const tell = (sent: Sent = {}) => stage.ask('/disconnects', { json: { ...report, ...sent } });
const over = (connection: string | undefined) =>
  connection === undefined ? {} : { 'x-bednet-connection': connection };
const connect = (session: SignedIn, connection?: string, token = session.token) =>
  stage.ask('/user', {
    json: { username: session.username, password: token, clientid: session.clientId },
    headers: over(connection),
  });
/** The same, returning when the connection is noted, which a CONNECT doesn't wait for. */
const connectNoted = async (session: SignedIn, connection?: string) => {
  t.equal((await connect(session, connection)).status, 200);
  const field = connection === undefined ? session.clientId : `${session.clientId} ${connection}`;
  await until(async () => (await fieldsOf(session)).includes(field), { what: field });
};
const stateOf = async ({ sid, clientId }: SignedIn): Promise<ClientState | undefined> => {
  const [list] = await readClientStates(store, [clientsKey(sid)]);
  return list?.clients.find((client) => client.clientId === clientId);
};
const fieldsOf = ({ sid }: SignedIn) => store.redis.hkeys(clientsKey(sid));
const numberOf = async (sample: string): Promise<number> => {
  const metrics = await (await fetch(`${stage.stack.urls.webhook}/metrics`)).text();
  return Number(
    metrics
      .split('\n')
      .find((line) => line.startsWith(sample))
      ?.split(' ')[1] ?? 0,
  );
};

t.beforeEach(async () => void (await tell()));

t.test('a client is connected from its CONNECT until its broker reports the end', async (t) => {
  const ana = await stage.signIn();
  await connectNoted(ana, `${a}.1`);
  const state = await stateOf(ana);
  t.equal(state?.connected, true);
  t.ok(Math.abs((state?.sinceMs ?? 0) - Date.now()) < 10_000);

  const answer = await tell({ disconnected: [{ clientid: ana.clientId, connection: 1 }] });

  t.match(answer, { status: 204, body: '' });
  t.match(await stateOf(ana), { connected: false, lastSeenMs: state?.lastSeenMs });
  t.notMatch(await stateOf(ana), { sinceMs: Number });
  t.same(await fieldsOf(ana), [ana.clientId], 'it can still be kicked');
});

t.test('a late report of an old connection does not end the one that took its place', async (t) => {
  const ana = await stage.signIn();
  await connect(ana, `${a}.10`);
  await connect(ana, `${a}.11`);

  await tell({ disconnected: [{ clientid: ana.clientId, connection: 10 }] });
  t.match(await stateOf(ana), { connected: true });

  await tell({ disconnected: [{ clientid: ana.clientId, connection: 11 }] });
  t.match(await stateOf(ana), { connected: false });
});

t.test('a report that comes twice, or before its CONNECT, or for nobody, changes nothing else', async (t) => {
  const ana = await stage.signIn();
  await connect(ana, `${a}.20`);
  const disconnected = [
    { clientid: ana.clientId, connection: 19 },
    { clientid: `${ana.clientId}-x`, connection: 20 },
    { clientid: 'nobody', connection: 20 },
    { clientid: 'not / an + id #', connection: 20 },
    { clientid: '', connection: 20 },
  ];
  for (let i = 0; i < 2; i++) t.equal((await tell({ disconnected })).status, 204);

  t.match(await stateOf(ana), { connected: true });
  t.equal(await store.redis.exists(deviceClientsKey('nobody')), 0);
});

t.test('one client id at two brokers is connected until both have reported its end', async (t) => {
  const ana = await stage.signIn();
  await tell({ broker: 'another mosquitto', instance: b });
  await connect(ana, `${a}.30`);
  await connect(ana, `${b}.30`);

  await tell({ disconnected: [{ clientid: ana.clientId, connection: 30 }] });
  t.match(await stateOf(ana), { connected: true });
  const disconnected = [{ clientid: ana.clientId, connection: 30 }];
  await tell({ broker: 'another mosquitto', instance: b, disconnected });
  t.match(await stateOf(ana), { connected: false });
});

t.test('a broker that starts again has lost its connections, another broker has not', async (t) => {
  const [ana, ben] = [await stage.signIn(), await stage.signIn()];
  const [old, other, fresh] = ['c'.repeat(32), 'd'.repeat(32), 'e'.repeat(32)] as const;
  await tell({ broker: 'one', instance: old, started: true });
  await tell({ broker: 'two', instance: other, started: true });
  await connect(ana, `${old}.1`);
  await connect(ben, `${other}.1`);

  await tell({ broker: 'one', instance: fresh, started: true });
  t.match(await stateOf(ana), { connected: false });
  t.match(await stateOf(ben), { connected: true });

  await tell({ broker: 'one', instance: fresh, started: true });
  await connectNoted(ana, `${fresh}.1`);
  t.match(await stateOf(ana), { connected: true }, 'the start told twice is one start');
});

t.test('two brokers that were given one name do not forget each other for long', async (t) => {
  const ana = await stage.signIn();
  const [first, second] = ['1'.repeat(32), '2'.repeat(32)] as const;
  await tell({ broker: 'same', instance: first, started: true });
  await connectNoted(ana, `${first}.1`);

  await tell({ broker: 'same', instance: second, started: true });
  await tell({ broker: 'same', instance: first });

  t.match(await stateOf(ana), { connected: true });
});

t.test('nothing is sure of a broker that is silent or has lost reports', async (t) => {
  const [ana, ben] = [await stage.signIn(), await stage.signIn()];
  const instance = 'f'.repeat(32);
  await tell({ broker: 'lossy', instance });
  await connectNoted(ana, `${instance}.1`);

  await store.redis.set(brokerReportKey(instance), `${Date.now() - 60_000} 0 0`);
  t.match(await stateOf(ana), { connected: 'unknown' });
  await tell({ broker: 'lossy', instance });
  t.match(await stateOf(ana), { connected: true }, 'it was only silent');

  const lostBefore = await numberOf('bednet_disconnects_total{fate="lost"}');
  for (let i = 0; i < 2; i++) await tell({ broker: 'lossy', instance, dropped: 7 });
  t.match(await stateOf(ana), { connected: 'unknown' });
  t.equal(await numberOf('bednet_disconnects_total{fate="lost"}'), lostBefore + 7, 'counted once');
  const lossAtMs = Number((await store.redis.get(brokerReportKey(instance)))?.split(' ')[2]);
  await until(async () => Date.now() > lossAtMs);
  await connectNoted(ben, `${instance}.2`);
  t.match(await stateOf(ben), { connected: true }, 'a connection since then is sure');
});

t.test('a client that a broker lets in before its first report may be connected', async (t) => {
  const ana = await stage.signIn();
  const instance = '3'.repeat(32);
  await connectNoted(ana, `${instance}.1`);
  t.match(await stateOf(ana), { connected: 'unknown' });

  await tell({ broker: 'new', instance, started: true });
  t.match(await stateOf(ana), { connected: true });

  await store.redis.del(brokerReportKey(instance));
  await store.redis.hset(clientsKey(ana.sid), `${ana.clientId} ${instance}.1`, Date.now() - 60_000);
  t.match(await stateOf(ana), { connected: false }, 'nobody knows that broker any more');
});

t.test('a broker with another plugin is known by CONNECTs only', async (t) => {
  const ana = await stage.signIn();
  await connectNoted(ana);
  t.match(await stateOf(ana), { connected: 'unknown' });
  t.notMatch(await stateOf(ana), { sinceMs: Number });

  await connectNoted(ana, `${a}.40`);
  t.match(await stateOf(ana), { connected: true });
});

t.test('a sign-in that is denied neither connects nor disconnects anybody', async (t) => {
  const ana = await stage.signIn();
  await connectNoted(ana, `${a}.50`);
  const stale = await stage.signInAgain(ana);
  await stage.revoke(stale);

  t.equal((await connect(ana, `${a}.51`, 'nonsense')).status, 403);
  t.equal((await connect(stale, `${a}.52`)).status, 403);

  t.match(await stateOf(ana), { connected: true });
  await until(async () => !(await fieldsOf(stale)).some((field) => field.includes(' ')));
});

t.test('headers that name no connection are as good as none', async (t) => {
  const ana = await stage.signIn();
  for (const header of [
    '',
    'x',
    `${a}.0`,
    `${a}.`,
    `${a}.1 2`,
    `${a.toUpperCase()}.1`,
    `${a}.${'9'.repeat(21)}`,
  ]) {
    t.equal((await connect(ana, header)).status, 200, header);
    await until(async () => (await fieldsOf(ana)).length > 0);
    t.match(await stateOf(ana), { connected: 'unknown' }, header);
  }
  t.same(await fieldsOf(ana), [ana.clientId]);
});

t.test('a device is connected by the same rules, even where its id looks like a sid', async (t) => {
  const lamp = await addDevice(store, { id: 'A'.repeat(22) });
  const { clientId: clientid, username, key: password } = lamp;
  await stage.ask('/user', { json: { clientid, username, password }, headers: over(`${a}.60`) });
  t.match(await findDevice(store, lamp.id), { clients: [{ clientId: clientid, connected: true }] });

  await tell({ disconnected: [{ clientid, connection: 60 }] });
  t.match(await findDevice(store, lamp.id), { clients: [{ clientId: clientid, connected: false }] });

  await askConnect(stage, lamp);
  t.match(await findDevice(store, lamp.id), { clients: [{ connected: 'unknown' }] });
});

t.test('connections that nobody ends are bounded as client ids are', async (t) => {
  const ana = await stage.signIn();
  for (let i = 1; i <= 70; i++) await connect(ana, `${a}.${1000 + i}`);

  await until(async () => (await fieldsOf(ana)).includes(`${ana.clientId} ${a}.1070`));
  await until(async () => (await fieldsOf(ana)).length <= 66);
  t.match(await stateOf(ana), { connected: true });
  t.ok((await fieldsOf(ana)).includes(`${ana.clientId} ${a}.1070`), 'the newest stays');
});

t.test('only a broker with the key may report, and nobody may buffer before that', async (t) => {
  const ana = await stage.signIn();
  await connectNoted(ana, `${a}.70`);
  const json = { ...report, disconnected: [{ clientid: ana.clientId, connection: 70 }] };

  t.match(await stage.ask('/disconnects', { json, key: 'none' }), {
    status: 401,
    reason: 'broker-key-missing',
  });
  t.match(await stage.ask('/disconnects', { json, headers: { 'x-bednet-key': 'wrong' } }), {
    status: 401,
    reason: 'broker-key-wrong',
  });
  t.match(await stateOf(ana), { connected: true });
  t.equal((await stage.ask('/disconnects', { json, key: 'query' })).status, 204);
  t.match(await stateOf(ana), { connected: false });
});

t.test('whatever is not a report is refused whole', async (t) => {
  const ana = await stage.signIn();
  await connectNoted(ana, `${a}.80`);
  const good = { clientid: ana.clientId, connection: 80 };
  const bad: [name: string, body: unknown][] = [
    ['null', null],
    ['an array', [report]],
    ['a number', 5],
    ['no instance', { ...report, instance: undefined }],
    ['an instance with a blank', { ...report, instance: `${'a'.repeat(31)} ` }],
    ['an instance of 33', { ...report, instance: 'a'.repeat(33) }],
    ['no broker', { ...report, broker: '' }],
    ['a broker of 301', { ...report, broker: 'x'.repeat(301) }],
    ['dropped below 0', { ...report, dropped: -1 }],
    ['dropped as text', { ...report, dropped: '1' }],
    ['started as text', { ...report, started: 'true' }],
    ['an unknown field', { ...report, more: 1 }],
    ['one bad of two', { ...report, disconnected: [good, { clientid: 5, connection: 1 }] }],
    ['a connection of 0', { ...report, disconnected: [good, { clientid: 'x', connection: 0 }] }],
    ['half a connection', { ...report, disconnected: [good, { clientid: 'x', connection: 1.5 }] }],
    ['a connection as text', { ...report, disconnected: [{ ...good, connection: '80' }] }],
    ['a client id of 129', { ...report, disconnected: [good, { clientid: 'x'.repeat(129), connection: 1 }] }],
    ['501 of them', { ...report, disconnected: Array.from({ length: 501 }, () => good) }],
  ];
  const before = await numberOf('bednet_disconnect_reports_total{outcome="refused"}');
  for (const [name, json] of bad) t.equal((await stage.ask('/disconnects', { json })).status, 400, name);
  for (const body of ['{', '', '{"broker":"\xff"', Buffer.from([0xff])]) {
    t.equal((await stage.ask('/disconnects', { body })).status, 400);
  }
  t.equal((await stage.ask('/disconnects', { body: 'x'.repeat(600_000) })).status, 413);
  t.equal((await stage.ask('/disconnects', { method: 'GET' })).status, 404);

  t.match(await stateOf(ana), { connected: true });
  const refused = (await numberOf('bednet_disconnect_reports_total{outcome="refused"}')) - before;
  t.equal(refused, bad.length + 4);
});

t.test('what is kept about a broker lapses a day after its last report', async (t) => {
  for (const key of [brokerReportKey(a), brokerInstanceKey(report.broker)]) {
    const seconds = await store.redis.ttl(key);
    t.ok(seconds > 86_000 && seconds <= 86_400, key);
  }
});

t.test('without Redis a report is not taken, so that it comes again', async (t) => {
  await stage.stack.part('redis').kill();
  t.equal((await tell()).status, 503);
});
