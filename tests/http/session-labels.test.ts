import t from 'tap';
import { sessionKey } from '../../services/core/redis/keys.ts';
import { startSessionStage } from '../support/session-service.ts';

const { ask, register, renew, signIn, store } = await startSessionStage(t, {
  SESSION_SHORT_IDLE_SECONDS: '100',
  TRUSTED_PROXIES: '127.0.0.1',
});
const list = async (token: string) => (await ask('GET', '/api/auth/sessions', { token })).body.data.sessions;
const login = (body: object, headers: Record<string, string> = {}) =>
  ask('POST', '/api/auth/login', { body, headers });

const chromeOnWindows =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';

t.test('a session is told with device, network, times, fingerprint and whether it asks', async (t) => {
  const { username, password } = await register();
  const headers = { 'user-agent': chromeOnWindows, 'x-forwarded-for': '2001:db8::7' };
  const { data } = (await login({ username, password, fingerprint: 'dGhlIGRldmljZQ==' }, headers)).body;

  const [session, ...others] = await list(data.access_token);

  t.same(others, []);
  t.match(session, {
    id: data.session_id,
    session_id: data.session_id,
    user_id: data.user.id,
    device: 'Chrome on Windows',
    browser: 'Chrome',
    system: 'Windows',
    device_type: 'desktop',
    ip: '2001:db8::7',
    location: null,
    fingerprint: 'dGhlIGRldmljZQ==',
    is_current: true,
  });
  t.ok(Date.parse(session.created_at) <= Date.parse(session.last_active));
});

t.test('of the User-Agent header a session keeps the label alone', async (t) => {
  const { username, password } = await register();
  const { data } = (await login({ username, password }, { 'user-agent': chromeOnWindows })).body;

  const stored = await store.redis.hgetall(sessionKey(data.session_id));

  t.equal(stored.label, 'desktop|Windows|Chrome');
  t.notMatch(JSON.stringify(stored), 'Mozilla');
});

t.test('a session that still has the header itself is told like any other', async (t) => {
  const { username, password } = await register();
  const { data } = (await login({ username, password })).body;
  await store.redis.hdel(sessionKey(data.session_id), 'label');
  await store.redis.hset(sessionKey(data.session_id), 'userAgent', chromeOnWindows);

  const [session] = await list(data.access_token);

  t.match(session, { device: 'Chrome on Windows', system: 'Windows', device_type: 'desktop' });
});

t.test('a fingerprint is optional, bounded, and proves nothing', async (t) => {
  const { username, password } = await register();
  const bad = ['', 'x'.repeat(65), 'a b', 'é', '\u001b[31m', 5, null, ['a']];

  for (const fingerprint of bad) {
    const answer = await login({ username, password, fingerprint });
    t.equal(answer.code, 'VAL_INVALID_FORMAT', JSON.stringify(fingerprint));
    t.equal(answer.body.error.field, 'fingerprint');
  }
  const { data } = (await login({ username, password, fingerprint: 'x'.repeat(64) })).body;
  const elsewhere = await ask('GET', '/api/auth/me', {
    token: data.access_token,
    headers: { 'user-agent': 'something else' },
  });
  t.equal(elsewhere.status, 200, 'another device with the token is the session all the same');
  t.equal(
    (await login({ username, password: 'not the password at all', fingerprint: 'x'.repeat(64) })).status,
    401,
  );
  const plain = await signIn({ username, password, email: '', full_name: '' });
  t.equal((await list(plain.access_token))[0].fingerprint, null);
});

t.test('a session that is not to be remembered ends soon when it is idle, also after renewals', async (t) => {
  const { username, password } = await register();
  const short = (await login({ username, password, remember: false })).body.data;
  const usual = (await login({ username, password, remember: true })).body.data;
  const silent = (await login({ username, password })).body.data;

  const renewed = (await renew(short.refresh_token)).body.data;

  t.equal(short.refresh_expires_in, 100);
  t.ok(renewed.refresh_expires_in <= 100);
  t.ok(renewed.expires_in <= 100, 'nor does its access token outlive it');
  t.equal(usual.refresh_expires_in, 604_800);
  t.equal(silent.refresh_expires_in, 604_800, 'remembering is the default');
  t.equal((await login({ username, password, remember: 'no' })).body.error.field, 'remember');
});

t.test('a short idle life ends the session', async (t) => {
  const { username, password } = await register();
  const { data } = (await login({ username, password, remember: false })).body;
  await store.redis.hset(sessionKey(data.session_id), 'idleUntilMs', Date.now() - 1);

  t.equal((await renew(data.refresh_token)).code, 'AUTH_SESSION_EXPIRED');
});
