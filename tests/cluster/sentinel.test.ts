import t, { type Test } from 'tap';
import { holdersKey, sessionKey } from '../../services/core/redis/keys.ts';
import { openStore, untilReady } from '../../services/core/redis/store.ts';
import { revokeSession } from '../../services/core/sessions/revoke-sessions.ts';
import { askRedis } from '../support/ask-redis.ts';
import { metricOf, writeCheck } from '../support/holder-stage.ts';
import { startSentinelsFor, type SentinelStage } from '../support/sentinel-stage.ts';
import { startService } from '../support/session-service.ts';
import { startTestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { startWebhookStage, type SignedIn, type WebhookStage } from '../support/webhook-service.ts';

const durable = { REDIS_REPLICAS_REQUIRED: '1' };

t.test(
  'Sentinel promotes a replica: acknowledged revocations stay, and services find the way by themselves',
  async (t) => {
    const servers = await startSentinelsFor(t);
    const { session, webhook } = await startBoth(t, servers);
    const [kept, revoked] = [await session.signInSomebody(), await session.signInSomebody()];
    const [replica] = await servers.replicas();
    if (!replica) throw new Error('no replica');

    await t.test('checks read no replica', async (t) => {
      await askRedis(servers.directUrl(replica), (redis) => redis.config('RESETSTAT'));
      for (let i = 0; i < 20; i += 1) t.equal(await statusOf(webhook, revoked), 200);
      const stats = await askRedis(servers.directUrl(replica), (redis) => redis.info('commandstats'));
      t.notMatch(stats, /cmdstat_(hmget|hget|hgetall|xread):/);
    });

    await t.test('a primary without its replica acknowledges no revocation', async (t) => {
      replica.pause();
      const { access_token: token, session_id: sid } = revoked;
      const end = () => session.ask('DELETE', `/api/auth/sessions/${sid}`, { token });
      t.match(await end(), { status: 503, code: 'SYS_NOT_DURABLE' });
      t.equal(await statusOf(webhook, revoked), 403, 'in doubt it is in force');
      replica.resume();
      await until(
        async () => (await session.ask('POST', '/api/auth/logout', { token, body: {} })).status < 300,
        {
          what: 'the repeat is acknowledged',
        },
      );
    });

    await t.test('a promotion loses nothing that was acknowledged', async (t) => {
      const old = await servers.primary();
      await old.kill();
      await servers.untilPromoted(old);
      await until(async () => (await statusOf(webhook, kept)) === 200, { what: 'checks are granted again' });

      t.equal(await statusOf(webhook, revoked), 403, 'revoked stays revoked');
      t.match(
        await session.renew(kept.refresh_token),
        { status: 503 },
        'too few replicas: nothing is written',
      );
      await old.start();
      await servers.untilReplicated();
      await until(async () => (await session.renew(kept.refresh_token)).status === 200, {
        what: 'a renewal',
      });
      t.match(await session.renew(revoked.refresh_token), { status: 401 });
      const { access_token: token } = await session.signIn(kept.person);
      t.match(await session.ask('POST', '/api/auth/logout', { token, body: {} }), { status: 200 });
    });
  },
);

t.test('an isolated primary prolongs no lease that its replica has to know of', async (t) => {
  const servers = await startSentinelsFor(t, { settings: ['min-replicas-to-write 0'] });
  const old = await servers.primary();
  const strict = await startHolder(t, servers, durable);
  const lax = await startHolder(t, servers, {});
  const sessions = await Promise.all([strict.signIn(), strict.signIn()]);
  const [first] = sessions as [SignedIn, SignedIn];
  for (const holder of [strict, lax])
    for (let i = 0; i < 2; i += 1) t.equal((await holder.askAcl(writeCheck(first))).status, 200);
  t.equal(await hitsOf(strict), 1, 'it answers from memory');

  await isolate(servers, old.port);
  await until(async () => !(await isValid(strict)), { what: 'the lease is lost' });
  const promoted = await servers.untilPromoted(old);
  t.equal(await isValid(strict), false);
  t.equal(await isValid(lax), true, 'without REDIS_REPLICAS_REQUIRED it goes on: what doctor warns of');

  const revoker = openStore({ url: servers.url('test'), commandTimeoutMs: 2000 });
  t.teardown(() => revoker.close());
  await untilReady(revoker, 5000);
  const known = await askRedis(servers.directUrl(promoted), (redis) => redis.hvals(holdersKey));
  t.ok(
    known.some((record) => record.endsWith(' 1')),
    'the new primary knows of the holder',
  );
  const hits = await hitsOf(strict);
  await revokeSession(revoker, first.sid, { uid: first.uid, reason: 'stolen', actor: 'ops' });
  t.equal(await revoker.redis.hget(sessionKey(first.sid), 'state'), 'revoked');
  await strict.askAcl(writeCheck(first));
  t.equal(await hitsOf(strict), hits, 'nothing is answered from a memory of before');
});

/** The session service in this process and the webhook service, both by the Sentinels. */
async function startBoth(t: Test, servers: SentinelStage) {
  const stack = await startTestStack(t, { parts: [], servers });
  const session = await startService(t, stack, durable);
  const settings = {
    webhook: {
      BROKER_URLS: '',
      NEAR_CACHE: 'on',
      ISSUER: session.config.issuer,
      VERIFICATION_KEYS_FILE: stack.secrets.files.verificationKeys,
      ...durable,
    },
  };
  const webhook = await startWebhookStage(t, { parts: ['webhook'], servers, settings });
  return { session, webhook };
}

/** A holder whose address is that of the primary of now, so that no Sentinel tells it of another. */
async function startHolder(
  t: Test,
  servers: SentinelStage,
  settings: Record<string, string>,
): Promise<WebhookStage> {
  const { port } = await servers.primary();
  const url = new URL(servers.directUrl(await servers.primary()));
  const webhook = {
    BROKER_URLS: '',
    NEAR_CACHE: 'on',
    REDIS_URL: `redis://webhook:webhook-in-tests@${url.host}`,
    ...settings,
  };
  const holder = await startWebhookStage(t, { parts: ['webhook'], servers, settings: { webhook } });
  await until(() => isValid(holder), { what: `a lease at ${port}` });
  return holder;
}

/** Cuts the primary off from its replica and the Sentinels, but from nobody else. */
async function isolate(servers: SentinelStage, port: number): Promise<void> {
  const node = servers.nodes.find((each) => each.port === port);
  if (!node) throw new Error(`no Redis at ${port}`);
  await askRedis(servers.directUrl(node), async (redis) => {
    for (const user of ['sentinel', 'replica']) {
      await redis.acl('SETUSER', user, 'off');
      await redis.client('KILL', 'USER', user);
    }
  });
}

async function statusOf(
  { askAcl }: WebhookStage,
  { session_id: sid, person }: { session_id: string; person: { username: string } },
): Promise<number> {
  const { status } = await askAcl(writeCheck({ username: person.username, clientId: sid }));
  return status;
}

const hitsOf = (holder: WebhookStage) => metricOf(holder, 'bednet_near_cache_lookups_total{lookup="hit"}');

async function isValid(holder: WebhookStage): Promise<boolean> {
  return (await metricOf(holder, 'bednet_near_cache_lease_valid')) === 1;
}
