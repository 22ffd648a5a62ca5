import { readFileSync } from 'node:fs';
import t from 'tap';
import { openRedisLink } from '../support/redis-link.ts';
import { until } from '../support/until.ts';
import { startWebhookStage, type Answered } from '../support/webhook-service.ts';

const stage = await startWebhookStage(t, {
  settings: { webhook: { CHECK_TIMEOUT_MS: '250', BROKER_URLS: '' } },
});
const alice = await stage.signIn();
const user = { username: alice.username, password: alice.token, clientid: alice.clientId };
const acl = {
  username: alice.username,
  clientid: alice.clientId,
  topic: `users/${alice.username}/x`,
  acc: 1,
};

/** Redis' own limit is 250 ms; the rest is for a busy machine. */
const patienceMs = 600;

async function timed(ask: () => Promise<Answered>): Promise<Answered & { tookMs: number }> {
  const startMs = performance.now();
  const answer = await ask();
  return { ...answer, tookMs: performance.now() - startMs };
}

t.test('Redis killed: 503 at once, no grant, and back by itself', async (t) => {
  const redis = stage.stack.part('redis');
  t.equal((await stage.askAcl(acl)).status, 200);

  await redis.kill();
  for (let i = 0; i < 20; i += 1) {
    for (const ask of [() => stage.askAcl(acl), () => stage.askUser(user)]) {
      const answer = await timed(ask);
      t.match(answer, { status: 503, reason: 'store-unavailable' });
      t.ok(answer.tookMs < patienceMs, `${answer.tookMs} ms`);
    }
  }
  t.equal((await fetch(`${stage.stack.urls.webhook}/health`)).status, 503);
  t.match(await stage.ask('/acl', { body: '{' }), { status: 400 }, 'what is malformed stays 400');
  t.match(
    await stage.askAcl({ ...acl, clientid: 'x' }),
    { status: 403 },
    'what names alone decide stays 403',
  );

  await redis.start();
  await until(async () => (await stage.askAcl(acl)).status === 200);
  t.equal((await stage.askUser(user)).status, 200);
});

t.test('Redis frozen: 503 within its time limit, then back by itself', async (t) => {
  const redis = stage.stack.part('redis');

  redis.pause();
  const answers = await Promise.all([timed(() => stage.askAcl(acl)), timed(() => stage.askUser(user))]);
  redis.resume();

  for (const answer of answers) {
    t.match(answer, { status: 503, reason: 'store-unavailable' });
    t.ok(answer.tookMs < 2 * patienceMs, `${answer.tookMs} ms`); // one after the other on one connection
  }
  await until(async () => (await stage.askAcl(acl)).status === 200);
  await stage.revoke(alice);
  t.match(
    await stage.askAcl(acl),
    { status: 403, reason: 'session-revoked' },
    'late answers are not taken for others',
  );
});

t.test('a Redis that lets the service no longer in is an outage, not a denial', async (t) => {
  const { redis } = stage.store;
  const bob = await stage.signIn();
  const check = { username: bob.username, clientid: bob.clientId, topic: `users/${bob.username}/x`, acc: 1 };

  await redis.call('ACL', 'SETUSER', 'webhook', '-hmget');
  t.match(await stage.askAcl(check), { status: 503 });
  await redis.call('ACL', 'SETUSER', 'webhook', '+hmget');
  t.equal((await stage.askAcl(check)).status, 200);
});

t.test('the log tells of an outage once, not at each try', async (t) => {
  const lines = readFileSync(stage.stack.part('webhook').logFile, 'utf8').trim().split('\n');
  const errors = lines.filter((line) => (JSON.parse(line) as { level: number }).level >= 50);

  t.ok(errors.length >= 1 && errors.length <= 4, `${errors.length} lines`);
});

t.test('a link to Redis that hangs or breaks denies nobody for ever', async (t) => {
  const link = await openRedisLink(t, stage.stack.ports.redis);
  const url = stage.stack.redisUrl('webhook').replace(String(stage.stack.ports.redis), String(link.port));
  const linked = await startWebhookStage(t, {
    settings: { webhook: { CHECK_TIMEOUT_MS: '250', BROKER_URLS: '', REDIS_URL: url } },
  });
  const bob = await stage.signIn();
  const check = { username: bob.username, clientid: bob.clientId, topic: `users/${bob.username}/x`, acc: 1 };
  t.equal((await linked.askAcl(check)).status, 200);

  link.hold();
  t.match(await linked.askAcl(check), { status: 503 });
  link.release();
  await until(async () => (await linked.askAcl(check)).status === 200);
  link.cut();
  await until(async () => (await linked.askAcl(check)).status === 200);
  t.pass('back after a cut');
});
