import t, { type Test } from 'tap';
import { sessionKey } from '../../services/core/redis/keys.ts';
import { buildApp } from '../../services/session/app.ts';
import { openParts } from '../../services/session/open-parts.ts';
import { somebody, startService, startSessionStage, type Answer } from '../support/session-service.ts';
import { until } from '../support/until.ts';

const stage = await startSessionStage(t);
const { ask, logLines, renew, signInSomebody, stack, store } = stage;
const redis = stack.part('redis');
const kept = await signInSomebody();
/** That of the service. */
const commandTimeoutMs = 2000;

/** Every kind of call, by a person of its own: a frozen Redis does later what it was told, as a repeat would. */
async function makeCalls(): Promise<Record<string, () => Promise<Answer>>> {
  const {
    access_token: token,
    refresh_token: renewalToken,
    session_id: sid,
    person,
  } = await signInSomebody();
  const { username, password } = person;
  const body = { current_password: password, new_password: password };
  return {
    health: () => ask('GET', '/health'),
    register: () => ask('POST', '/api/auth/register', { body: somebody() }),
    login: () => ask('POST', '/api/auth/login', { body: { username, password } }),
    refresh: () => renew(renewalToken),
    me: () => ask('GET', '/api/auth/me', { token }),
    sessions: () => ask('GET', '/api/auth/sessions', { token }),
    'end a session': () => ask('DELETE', `/api/auth/sessions/${sid}`, { token }),
    'end the others': () => ask('POST', '/api/auth/sessions/terminate-others', { token }),
    'change the password': () => ask('POST', '/api/auth/change-password', { token, body }),
    logout: () => ask('POST', '/api/auth/logout', { token }),
  };
}

async function unavailable(t: Test, calls: Record<string, () => Promise<Answer>>) {
  const answers = await Promise.all(
    Object.entries(calls).map(async ([what, call]) => {
      const startedMs = performance.now();
      const answer = await call();
      return { what, answer, tookMs: Math.round(performance.now() - startedMs) };
    }),
  );
  for (const { what, answer, tookMs } of answers) {
    t.equal(answer.status, 503, `${what}: ${answer.text}`);
    t.ok(tookMs < 2 * commandTimeoutMs, `${what}: no call waits for two answers (${tookMs} ms)`);
    if (what === 'health') t.same(answer.body, { status: 'unavailable' }, 'says no more');
    else t.match(answer.body.error, { code: 'SYS_SERVICE_UNAVAILABLE' }, what);
    t.notMatch(answer.text, /redis|ECONN|127\.0\.0\.1|stack/i, `${what}: no inner word`);
  }
}

/** Whether both are connected again: the service, and the test itself. */
const isBack = async () =>
  store.redis.status === 'ready' &&
  (await ask('GET', '/api/auth/me', { token: kept.access_token })).status === 200;

t.test('with Redis killed every call is 503 at once, and it comes back by itself', async (t) => {
  const calls = await makeCalls();
  await redis.kill();

  const told = logLines.length;
  await unavailable(t, calls);
  t.notMatch(logLines.slice(told).join(''), 'Command timed out', 'nobody waited for an answer');

  await redis.start();
  await until(isBack);
  t.equal((await renew(kept.refresh_token)).status, 200, 'sessions are still there');
});

t.test(
  'with Redis frozen every call is 503 in time, and it comes back by itself',
  { timeout: 60_000 },
  async (t) => {
    const calls = await makeCalls();
    redis.pause();

    const told = logLines.length;
    await unavailable(t, calls);
    t.match(logLines.slice(told).join(''), 'Command timed out', 'the log says why');

    redis.resume();
    await until(isBack);
  },
);

t.test('calls in flight when Redis dies are answered', async (t) => {
  const inFlight = Array.from({ length: 40 }, () => renew(kept.refresh_token));

  await redis.kill();
  const answers = await Promise.all(inFlight);

  for (const { status } of answers) t.ok(status === 200 || status === 503, String(status));
  await redis.start();
  await until(isBack);
});

t.test('a Redis that refuses writes is 503, and grants no session', async (t) => {
  const calls = await makeCalls();
  await store.redis.config('SET', 'min-replicas-to-write', '1');

  for (const what of ['login', 'refresh', 'logout', 'end the others']) {
    t.equal((await calls[what]?.())?.code, 'SYS_SERVICE_UNAVAILABLE', what);
  }

  await store.redis.config('SET', 'min-replicas-to-write', '0');
  for (const what of ['login', 'refresh', 'end the others', 'logout']) {
    t.equal((await calls[what]?.())?.status, 200, `${what}: the twin`);
  }
});

t.test('a revocation that too few replicas confirmed is 503, is in force, and may be repeated', async (t) => {
  const service = await startService(t, stack, { REDIS_REPLICAS_REQUIRED: '1' });
  const { access_token: token, refresh_token: first } = await signInSomebody();
  const thief = await signInSomebody();
  await renew((await renew(thief.refresh_token)).body.data.refresh_token);

  const signOut = await service.ask('POST', '/api/auth/logout', { token });
  const reuse = await service.renew(thief.refresh_token);

  for (const answer of [signOut, reuse]) {
    t.equal(answer.status, 503);
    t.equal(answer.code, 'SYS_NOT_DURABLE');
  }
  t.equal((await renew(first)).code, 'AUTH_TOKEN_REVOKED');
  t.equal((await renew(thief.refresh_token)).code, 'AUTH_TOKEN_REVOKED');
  t.equal((await ask('POST', '/api/auth/logout', { token })).status, 200, 'the repeat');
});

t.test('a wrong Redis password is 503, not a fault of the service', async (t) => {
  const url = new URL(stack.redisUrl('session'));
  url.password = 'wrong';
  const config = { ...stage.config, redisUrl: url.href, logLevel: 'silent' };
  const app = await buildApp({ config, ...(await openParts(config)) });
  t.teardown(() => app.close());

  for (const [method, path] of [
    ['GET', '/health'],
    ['POST', '/api/auth/login'],
  ] as const) {
    const payload = method === 'POST' ? { username: 'a', password: 'b' } : undefined;
    const { statusCode } = await app.inject({ method, url: path, ...(payload && { payload }) });
    t.equal(statusCode, 503, path);
  }
});

t.test('scripts that Redis has forgotten are loaded again', async (t) => {
  await store.redis.script('FLUSH');

  t.equal((await renew(kept.refresh_token)).status, 200);
});

t.test('an unexpected fault is 500 with a fixed text, and the log has the cause but no secret', async (t) => {
  const broken = await signInSomebody();
  await store.redis.del(sessionKey(broken.session_id));
  await store.redis.set(sessionKey(broken.session_id), 'not a hash');

  const answer = await ask('GET', '/api/auth/me', { token: broken.access_token });

  t.equal(answer.status, 500);
  t.equal(answer.code, 'SYS_INTERNAL_ERROR');
  t.notMatch(answer.text, /WRONGTYPE|Error|at /);
  const line = logLines.find(
    (entry) => entry.includes(answer.body.request_id) && entry.includes('WRONGTYPE'),
  );
  t.ok(line, 'the request id leads to the cause');
  t.notMatch(line, broken.session_id, 'commands with their arguments are not logged');
  await store.redis.del(sessionKey(broken.session_id));
});

t.test('an outage is told once, not once a try', async (t) => {
  const told = logLines.filter((line) => /out of reach|was lost/.test(line) && JSON.parse(line).level >= 40);

  t.ok(told.length >= 2 && told.length <= 4, `${told.length} lines for two outages`);
});
