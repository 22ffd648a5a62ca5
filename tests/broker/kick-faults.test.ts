import t, { type Test } from 'tap';
import { clientsKey, ticketKey } from '../../services/core/redis/keys.ts';
import { startBrokerStage, withoutKicks, type BrokerStage } from '../support/broker-stage.ts';
import { publish, subscribe } from '../support/mqtt-outcomes.ts';
import { openRedisLink } from '../support/redis-link.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import type { SignedIn } from '../support/webhook-service.ts';

const stage = await startBrokerStage(t, { settings: { webhook: { EXPIRY_SWEEP_MS: '100' } } });
const { store } = stage;

const isKicked = async (stage: BrokerStage, session: SignedIn) =>
  (await stage.store.redis.hlen(clientsKey(session.sid))) === 0;
/** A note that is still under way dies with its service. */
const untilNoted = (session: SignedIn) => until(async () => !(await isKicked(stage, session)));

t.test('a revocation while the webhook service is down is carried out when it is back', async (t) => {
  const alice = await stage.signIn();
  const client = await stage.connect(alice);
  await untilNoted(alice);

  await stage.stack.part('webhook').kill();
  await stage.revoke(alice);
  t.same(await client.settle(), [], 'still connected');
  await stage.stack.part('webhook').start();

  while ((await client.next()) !== 'closed');
  t.pass('kicked after the restart');
});

t.test('a revocation while the broker is away is retried until it is back', async (t) => {
  const alice = await stage.signIn();
  await (await stage.connect(alice, { clean: false })).drop();

  await stage.stack.part('mosquitto').stop();
  await stage.revoke(alice);
  await until(async () => /outcome="failed"\} [1-9]/.test(await metrics()));
  t.notOk(await isKicked(stage, alice));
  await stage.stack.part('mosquitto').start();

  await until(() => isKicked(stage, alice));
  t.pass('kicked at a later try');
});

t.test('events that come while the link to Redis is broken are not lost', async (t) => {
  const quiet = await startBrokerStage(t, withoutKicks);
  const link = await openRedisLink(t, quiet.stack.ports.redis);
  const linkedUrl = quiet.stack.redisUrl('webhook').replace(`:${quiet.stack.ports.redis}`, `:${link.port}`);
  await startSecondWebhook(t, quiet, linkedUrl);
  const sessions = await Promise.all([quiet.signIn(), quiet.signIn()]);
  const [first, second] = await Promise.all(sessions.map((session) => quiet.connect(session)));

  link.cut();
  link.hold();
  await quiet.revoke(sessions[0] as SignedIn);
  t.same(await first?.settle(), [], 'nobody hears of it');
  link.release();
  while ((await first?.next()) !== 'closed');
  link.cut();
  await quiet.revoke(sessions[1] as SignedIn);
  while ((await second?.next()) !== 'closed');
  t.pass('both are out');
});

t.test('two webhook services kick side by side: everybody is out, nothing is left behind', async (t) => {
  const second = await startSecondWebhook(t, stage, stage.stack.redisUrl('webhook'));
  const sessions = await Promise.all(Array.from({ length: 20 }, () => stage.signIn()));
  const clients = await Promise.all(sessions.map((session) => stage.connect(session)));

  await Promise.all(sessions.map((session) => stage.revoke(session)));
  for (const client of clients) while ((await client.next()) !== 'closed');
  for (const session of sessions) {
    await until(() => isKicked(stage, session));
    await until(async () => (await store.redis.exists(ticketKey(session.clientId))) === 0);
  }

  for (const { urls } of [stage.stack, second]) t.notMatch(await metrics(urls.webhook), /outcome="given-up"/);
});

t.test(
  'a session whose access lapses is kicked by the sweep; one that was renewed in time is not',
  async (t) => {
    const lapsing = await stage.signIn({ accessTtlSeconds: 5 });
    const renewing = await stage.signIn({ accessTtlSeconds: 5 });
    const [out, stays] = [await stage.connect(lapsing), await stage.connect(renewing)];
    await prolong(renewing);

    while ((await out.next()) !== 'closed');
    t.same(await stays.settle(), []);
    t.match(await publish(stays, 'room/a', 1), [/^puback( 16)?$/]);
    t.equal(await stage.knock(lapsing).next(), 'connack 135');
    await stays.leave();
  },
);

t.test('a session that lapsed and was renewed before its kick stays connected', async (t) => {
  const alice = await stage.signIn({ accessTtlSeconds: 5 });
  const client = await stage.connect(alice);
  await subscribe(client, 'room/late', 1);
  await untilNoted(alice);
  await stage.stack.part('webhook').kill();
  await until(() => Date.now() > alice.accessUntilMs);
  await prolong(alice, { keepScore: true }); // the sweep finds it, the kick looks again
  await stage.stack.part('webhook').start();
  await until(async () => /outcome="live-again"\} 1/.test(await metrics()));

  t.same(await client.settle(), []);
  t.same(await publish(client, 'room/late', 1), ['puback', 'publish room/late=x'].sort().reverse());
  await client.leave();
});

/** A webhook service of its own on the Redis and the broker of a stage. */
function startSecondWebhook(t: Test, { stack, issuer }: BrokerStage, redisUrl: string): Promise<TestStack> {
  return startTestStack(t, {
    parts: ['webhook'],
    settings: {
      webhook: {
        REDIS_URL: redisUrl,
        BROKER_URLS: `mqtt://127.0.0.1:${stack.ports.mqtt}`,
        VERIFICATION_KEYS_FILE: stack.secrets.files.verificationKeys,
        ISSUER: issuer,
      },
    },
  });
}

/** Moves the end of a session's access as a renewal does. */
async function prolong({ sid }: SignedIn, { keepScore = false } = {}): Promise<void> {
  const untilMs = Date.now() + 900_000;
  await store.redis.hset(`bn:{${sid[0]}}:session:${sid}`, 'accessUntilMs', untilMs);
  if (!keepScore) await store.redis.zadd(`bn:{${sid[0]}}:expiry`, untilMs, sid);
}

async function metrics(url = stage.stack.urls.webhook): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}
