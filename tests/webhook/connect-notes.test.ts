import t from 'tap';
import { clientsKey } from '../../services/core/redis/keys.ts';
import {
  startHolder,
  startHolders,
  untilHolding,
  untilUndisturbed,
  writeCheck,
} from '../support/holder-stage.ts';
import { openRedisGate } from '../support/redis-gate.ts';
import { openRedisLink } from '../support/redis-link.ts';
import { until } from '../support/until.ts';
import type { SignedIn, WebhookStage } from '../support/webhook-service.ts';

const stage = await startHolders(t, 0);
const { store } = stage;
const { redis: redisPort } = stage.stack.ports;
const through = (port: number) => stage.stack.redisUrl('webhook').replace(`:${redisPort}`, `:${port}`);
const gate = await openRedisGate(t, redisPort);
const link = await openRedisLink(t, redisPort);
/** So that sessions stay in memory while Redis is held up. */
const leases = { LEASE_MS: '10000' };
const gated = await startHolder(t, stage, { ...leases, REDIS_URL: through(gate.port) });
const linked = await startHolder(t, stage, { ...leases, REDIS_URL: through(link.port) });
const instance = 'a'.repeat(32);

const connect = (service: WebhookStage, session: SignedIn, more: { suffix?: string; number?: number } = {}) =>
  service.ask('/user', {
    json: {
      username: session.username,
      password: session.token,
      clientid: `${session.clientId}${more.suffix ?? ''}`,
    },
    headers: more.number === undefined ? {} : { 'x-bednet-connection': `${instance}.${more.number}` },
  });
const report = (service: WebhookStage, clientid: string, connection: number) =>
  service.ask('/disconnects', {
    json: {
      ...{ broker: 'host mosquitto', instance, started: false, dropped: 0 },
      disconnected: [{ clientid, connection }],
    },
  });
const notedOf = ({ sid }: SignedIn) => store.redis.hkeys(clientsKey(sid));

/** A session that a service has in memory. */
async function signInWarm(service: WebhookStage): Promise<SignedIn> {
  const session = await stage.signIn();
  await untilUndisturbed(stage, [service]);
  await until(async () => (await service.askAcl(writeCheck(session))).status === 200);
  return session;
}

t.test('a CONNECT of a session in memory waits neither for Redis nor for its disk', async (t) => {
  const ana = await signInWarm(gated);

  gate.hold(clientsKey(ana.sid));
  t.equal((await connect(gated, ana)).status, 200);
  await until(() => gate.held() === 1, { what: 'its note, which is not answered yet' });
  gate.open();

  await until(async () => (await notedOf(ana)).includes(ana.clientId));
});

t.test('the end of a connection that comes before its note was sent does not leave it open', async (t) => {
  const ana = await signInWarm(gated);

  gate.hold(clientsKey(ana.sid));
  await connect(gated, ana, { suffix: '-first', number: 1 });
  await connect(gated, ana, { suffix: '-second', number: 2 });
  const answer = report(gated, `${ana.sid}-second`, 2);
  gate.open();

  t.equal((await answer).status, 204);
  t.same((await notedOf(ana)).toSorted(), [
    `${ana.sid}-first`,
    `${ana.sid}-first ${instance}.1`,
    `${ana.sid}-second`,
  ]);
});

t.test('a storm of CONNECTs is noted with few writes', async (t) => {
  const ana = await signInWarm(linked);
  const tabs = Array.from({ length: 60 }, (_, n) => `-tab${n}`);

  const [before, startMs] = [link.sends(), performance.now()];
  for (const suffix of tabs) t.equal((await connect(linked, ana, { suffix })).status, 200);
  await until(async () => (await notedOf(ana)).length === tabs.length);

  const [sends, tookMs] = [link.sends() - before, performance.now() - startMs];
  t.ok(sends <= 5 + tookMs / 3, `${sends} sends in ${tookMs} ms: they are gathered for 4 ms`);
});

t.test('while Redis takes no note, a CONNECT that could be lost is refused', async (t) => {
  const ana = await signInWarm(linked);

  link.hold();
  t.equal((await connect(linked, ana, { number: 5 })).status, 200, 'nobody knows yet');
  await until(async () => (await connect(linked, ana, { suffix: '-late' })).status === 503);
  t.match(await connect(linked, ana, { suffix: '-late' }), { status: 503, reason: 'store-unavailable' });
  link.cut(); // What was sent is lost.
  link.release();

  await until(async () => (await notedOf(ana)).includes(ana.clientId), { what: 'the note, sent again' });
  t.notOk((await notedOf(ana)).includes(`${ana.clientId} ${instance}.5`), 'its end may be told already');
  await untilHolding(linked);
  await until(async () => (await connect(linked, ana, { suffix: '-again' })).status === 200);
});

t.test(
  'a note that is sent again after an outage does not replace what another service noted since',
  async (t) => {
    const other = await startHolder(t, stage);
    const ana = await signInWarm(linked);

    link.hold();
    t.equal((await connect(linked, ana, { number: 8 })).status, 200, 'from memory');
    await until(async () => (await connect(linked, ana, { suffix: '-late' })).status === 503);
    await connect(other, ana, { number: 9 });
    await until(async () => (await notedOf(ana)).includes(`${ana.clientId} ${instance}.9`));
    const noted = await store.redis.hget(clientsKey(ana.sid), ana.clientId);
    link.cut(); // What was sent is lost.
    link.release();
    await until(async () => (await notedOf(ana)).some((field) => field.startsWith(`${ana.clientId} late.`)));

    t.equal(await store.redis.hget(clientsKey(ana.sid), ana.clientId), noted);
    await untilHolding(linked);
  },
);

t.test('a service that is stopped in order sends the notes that wait', async (t) => {
  const other = await startHolder(t, stage);
  const ana = await signInWarm(other);
  const tabs = Array.from({ length: 20 }, (_, n) => `-tab${n}`);

  for (const suffix of tabs) t.equal((await connect(other, ana, { suffix })).status, 200);
  await other.stack.part('webhook').stop();

  t.equal((await notedOf(ana)).length, tabs.length);
});
