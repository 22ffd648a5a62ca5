import { readFileSync } from 'node:fs';
import t from 'tap';
import { openRedisLink } from '../support/redis-link.ts';
import { until, untilServed } from '../support/until.ts';
import { startWebhookStage, type Answered } from '../support/webhook-service.ts';

/** How long the service waits for Redis. */
const timeLimitMs = 1000;

const stage = await startWebhookStage(t, {
  settings: { webhook: { CHECK_TIMEOUT_MS: `${timeLimitMs}`, BROKER_URLS: '' } },
});
const alice = await stage.signIn();
const user = { username: alice.username, password: alice.token, clientid: alice.clientId };
const acl = {
  username: alice.username,
  clientid: alice.clientId,
  topic: `users/${alice.username}/x`,
  acc: 1,
};

async function timed(ask: () => Promise<Answered>): Promise<Answered & { tookMs: number }> {
  const startMs = performance.now();
  const answer = await ask();
  return { ...answer, tookMs: performance.now() - startMs };
}

t.test('Redis killed: 503 at once, no grant, and back by itself', async (t) => {
  const redis = stage.stack.part('redis');
  t.equal((await untilServed(() => stage.askAcl(acl))).status, 200);

  await redis.kill();
  const tookMs: number[] = [];
  for (let i = 0; i < 20; i += 1) {
    for (const ask of [() => stage.askAcl(acl), () => stage.askUser(user)]) {
      const answer = await timed(ask);
      t.match(answer, { status: 503, reason: 'store-unavailable' });
      tookMs.push(answer.tookMs);
    }
  }
  const medianMs = tookMs.toSorted((a, b) => a - b)[tookMs.length / 2] ?? Infinity;
  t.ok(medianMs < timeLimitMs / 4, `${medianMs} ms: nobody waits for the time limit`);
  t.equal((await fetch(`${stage.stack.urls.webhook}/health`)).status, 503);
  t.match(await stage.ask('/acl', { body: '{' }), { status: 400 }, 'what is malformed stays 400');
  t.match(
    await stage.askAcl({ ...acl, clientid: 'x' }),
    { status: 403 },
    'what names alone decide stays 403',
  );

  await redis.start();
  await until(async () => (await stage.askAcl(acl)).status === 200);
  t.equal((await untilServed(() => stage.askUser(user))).status, 200);
});

t.test('Redis frozen: 503 within its time limit, then back by itself', async (t) => {
  const redis = stage.stack.part('redis');

  redis.pause();
  const answers = await Promise.all([timed(() => stage.askAcl(acl)), timed(() => stage.askUser(user))]);
  redis.resume();

  for (const answer of answers) {
    t.match(answer, { status: 503, reason: 'store-unavailable' });
    t.ok(answer.tookMs < 10 * timeLimitMs, `${answer.tookMs} ms`);
  }
  await until(async () => (await stage.askAcl(acl)).status === 200);
  await stage.revoke(alice);
  t.match(
    await untilServed(() => stage.askAcl(acl)),
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
  t.equal((await untilServed(() => stage.askAcl(check))).status, 200);
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
    settings: { webhook: { CHECK_TIMEOUT_MS: `${timeLimitMs}`, BROKER_URLS: '', REDIS_URL: url } },
  });
  const bob = await stage.signIn();
  const check = { username: bob.username, clientid: bob.clientId, topic: `users/${bob.username}/x`, acc: 1 };
  t.equal((await untilServed(() => linked.askAcl(check))).status, 200);

  link.hold();
  t.match(await linked.askAcl(check), { status: 503 });
  link.release();
  await until(async () => (await linked.askAcl(check)).status === 200);
  link.cut();
  await until(async () => (await linked.askAcl(check)).status === 200);
  t.pass('back after a cut');
});
