import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { newUid } from '../../services/core/ids.ts';
import {
  accountKey,
  loginKey,
  sessionIndexKey,
  sessionKey,
  sweepCursorKey,
  sweepLeaseKey,
} from '../../services/core/redis/keys.ts';
import { settingsFor, startService } from '../support/session-service.ts';
import { startTestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { openMonitor } from '../truth/command-watch.ts';
import { open } from './sweep-stage.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const admin = await open(t, stack.redisAdminUrl);
const often = { HOUSEKEEPING_EVERY_MS: '20' };
t.beforeEach(() => admin.redis.flushall());

t.test('what has ended is gone after a while from a Redis with session services', async (t) => {
  const { register, signIn, ask, url } = await startService(t, stack, often);
  const [person, pending] = [await register(), await register()];
  const ended = await signIn(person);
  const live = await signIn(person);
  const unverified = (await admin.redis.get(loginKey(pending.username))) ?? '';
  const past = String(Date.now() - 1000);

  await admin.redis.hset(sessionKey(ended.session_id), 'absoluteUntilMs', past);
  await admin.redis.hset(accountKey(unverified), 'pendingUntilMs', past);
  await admin.redis.set(loginKey('nobody'), newUid());
  const index = sessionIndexKey(live.user.id);
  await until(async () => (await admin.redis.zscore(index, ended.session_id)) === null);
  await until(async () => (await admin.redis.exists(accountKey(unverified))) === 0);
  await until(async () => (await admin.redis.ttl(loginKey('nobody'))) > 0);

  await register(pending); // Its names are free again.
  const answer = await ask('GET', '/api/auth/sessions', { token: live.access_token });
  t.match(answer.body.data.sessions, [{ id: live.session_id }]);
  const readMetrics = async () => (await fetch(`${url}/metrics`)).text();
  await until(async () => tellsAll(await readMetrics()), { what: 'sweeps that are over tell what they did' });
  const metrics = await readMetrics();
  t.match(metrics, /^bednet_housekeeping_total\{what="accounts_purged"\} 1$/m);
  t.match(metrics, /^bednet_housekeeping_total\{what="listed_sessions_removed"\} 1$/m);
  t.ok(gauge(metrics, 'last_sweep') > Date.now() / 1000 - 60);
  t.ok(gauge(metrics, 'last_walk_end') > Date.now() / 1000 - 60);
});

t.test('of two services on one Redis one sweeps at a time, and both take turns', async (t) => {
  await seed(5000);
  const seen: { source: string; name: string }[] = [];
  const monitor = await openMonitor(stack.redisAdminUrl, (source, [name = '', key = '']) => {
    if (name === 'scan' || key === sweepCursorKey) seen.push({ source, name });
  });
  t.teardown(() => monitor.destroy());
  for (let count = 0; count < 2; count += 1) await startService(t, stack, { HOUSEKEEPING_EVERY_MS: '1' });

  const sweeps = () => seen.filter(({ name }) => name === 'set');
  await until(() => sweeps().length >= 20 && new Set(sweeps().map(({ source }) => source)).size === 2);

  let sweeper = '';
  for (const { source, name } of seen) {
    if (name === 'get') t.equal(sweeper, '', 'a sweep begins when the one before is over');
    else t.equal(source, sweeper);
    sweeper = name === 'set' ? '' : source;
  }
});

t.test('a service that is killed while it sweeps is succeeded when its lease has run out', async (t) => {
  await seed(20_000);
  const holder = await startProcess({ HOUSEKEEPING_EVERY_MS: '1' });
  await untilStoppedInSweep(holder);
  const ended = once(holder, 'exit');
  holder.kill('SIGKILL');
  await ended;
  const lease = await admin.redis.get(sweepLeaseKey);
  const leaseMs = await admin.redis.pttl(sweepLeaseKey);
  t.ok(leaseMs > 0, 'the lease outlives its holder');
  const { url } = await startService(t, stack, often);
  const hasSwept = async () => gauge(await (await fetch(`${url}/metrics`)).text(), 'last_sweep') > 0;

  const before = await hasSwept();
  const isHeld = (await admin.redis.get(sweepLeaseKey)) === lease;
  await until(hasSwept, { timeoutMs: leaseMs + 30_000, what: 'the next one sweeps' });

  t.notOk(before && isHeld, 'not as long as the lease lives');
});

t.test('a service that is told not to sweep leaves all to others', async (t) => {
  const { url, app } = await startService(t, stack, { HOUSEKEEPING_EVERY_MS: '0' });

  t.notMatch(await (await fetch(`${url}/metrics`)).text(), 'housekeeping');
  await app.close();
  t.equal(await admin.redis.exists(sweepCursorKey), 0);
});

t.test('a service that closes ends its sweep and gives the lease back', async (t) => {
  await seed(20_000);
  const { app, logLines } = await startService(t, stack, { HOUSEKEEPING_EVERY_MS: '1' });
  await until(async () => (await admin.redis.exists(sweepLeaseKey)) === 1);

  await app.close();

  t.equal(await admin.redis.exists(sweepLeaseKey), 0);
  t.same(
    logLines.filter((line) => line.includes('housekeeping-failed')),
    [],
  );
});

/** Keys that give a walk something to do. */
async function seed(count: number): Promise<void> {
  const pipeline = admin.redis.pipeline();
  for (let i = 0; i < count; i += 1) pipeline.set(`bn:letters:test:${i}`, '1', 'EX', 600);
  await pipeline.exec();
}

/** SIGSTOP, while it holds the lease: between two sweeps nobody does. */
async function untilStoppedInSweep(holder: ChildProcess): Promise<void> {
  await until(async () => (await admin.redis.exists(sweepLeaseKey)) === 1);
  await until(async () => {
    holder.kill('SIGSTOP');
    await admin.redis.ping(); // What it sent before has been done then.
    if ((await admin.redis.exists(sweepLeaseKey)) === 1) return true;
    holder.kill('SIGCONT');
    return false;
  });
}

function tellsAll(metrics: string): boolean {
  if (!(gauge(metrics, 'last_walk_end') > 0)) return false;
  return ['accounts_purged', 'listed_sessions_removed'].every((what) =>
    new RegExp(`what="${what}"\\} [1-9]`).test(metrics),
  );
}

function gauge(metrics: string, name: string): number {
  const value = new RegExp(`^bednet_housekeeping_${name}_timestamp_seconds (\\S+)$`, 'm').exec(metrics)?.[1];
  return Number(value);
}

async function startProcess(settings: Record<string, string>): Promise<ChildProcess> {
  const environment = { ...settingsFor(stack), SESSION_PORT: '0', LOG_LEVEL: 'silent', ...settings };
  const child = spawn(process.execPath, ['services/session/main.ts'], { env: environment, stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}
