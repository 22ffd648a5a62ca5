import t from 'tap';
import { sessionIndexKey, sessionKey } from '../../services/core/redis/keys.ts';
import { startSessionStage, type Tokens } from '../support/session-service.ts';

/** Sign-ins of one account at the same time count as failures while they go on: none of them waits for the others. */
const freeTries = { GUESS_FREE_FAILURES: '1000' };
const { ask, register, signIn, signInSomebody, renew, store } = await startSessionStage(t, freeTries);

const me = (token: string) => ask('GET', '/api/auth/me', { token });
const list = async (token: string) => (await ask('GET', '/api/auth/sessions', { token })).body.data.sessions;
const isLive = async ({ access_token: token }: Tokens) => (await me(token)).status === 200;

t.test('the account is told to its owner', async (t) => {
  const { access_token: token, person, user } = await signInSomebody();

  const { body, headers } = await me(token);

  t.match(body.data, { id: user.id, username: person.username, email: person.email, is_active: true });
  t.equal(headers.get('cache-control'), 'no-store');
});

t.test('the list shows each live session with its device and which one asks', async (t) => {
  const person = await register();
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
  const iphone =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
  const older = await signIn(person, { 'user-agent': firefox });
  const newer = await signIn(person, { 'user-agent': iphone });

  const sessions = await list(newer.access_token);

  t.same(
    sessions.map(({ id, device, device_type, is_current }: Record<string, unknown>) => ({
      id,
      device,
      device_type,
      is_current,
    })),
    [
      { id: newer.session_id, device: 'Safari on iOS', device_type: 'mobile', is_current: true },
      { id: older.session_id, device: 'Firefox on Linux', device_type: 'desktop', is_current: false },
    ],
  );
  t.match(sessions[0], { ip: '127.0.0.1', user_role: 'user', session_id: newer.session_id });
});

t.test('a user agent with strange bytes does no harm', async (t) => {
  const person = await register();
  const signedIn = await signIn(person, {
    'user-agent': `\u001b[31m<b>${'x'.repeat(4000)}`.replace('\u001b', '\u0080'),
  });

  const [session] = await list(signedIn.access_token);

  t.match(session.device, /^[\x20-\x7e]{1,300}$/);
});

t.test('ending one session leaves the others; ending it twice is no error', async (t) => {
  const person = await register();
  const kept = await signIn(person);
  const ended = await signIn(person);
  const path = `/api/auth/sessions/${ended.session_id}`;

  t.equal((await ask('DELETE', path, { token: kept.access_token })).status, 200);
  t.equal((await me(ended.access_token)).code, 'AUTH_TOKEN_REVOKED');
  t.equal((await renew(ended.refresh_token)).code, 'AUTH_TOKEN_REVOKED');
  t.equal((await ask('DELETE', path, { token: kept.access_token })).status, 200);
  t.ok(await isLive(kept));
  t.match(await store.redis.hgetall(sessionKey(ended.session_id)), {
    reason: 'ended-by-owner',
    actor: kept.user.id,
  });
});

t.test('ending the own session is a sign-out', async (t) => {
  const { access_token: token, session_id: sid } = await signInSomebody();

  t.equal((await ask('DELETE', `/api/auth/sessions/${sid}`, { token })).status, 200);
  t.equal((await me(token)).code, 'AUTH_TOKEN_REVOKED');
});

t.test("another account's session answers like one that never was", async (t) => {
  const mine = await signInSomebody();
  const theirs = await signInSomebody();
  const unknown = `${theirs.session_id.slice(0, -1)}${theirs.session_id.endsWith('A') ? 'B' : 'A'}`;
  const end = (id: string) => ask('DELETE', `/api/auth/sessions/${id}`, { token: mine.access_token });

  const answers = await Promise.all([theirs.session_id, unknown, 'x', '..', '%00', '%F0%9F%90%8C'].map(end));

  const bodies = answers.map(({ status, body }) => ({ status, error: body.error }));
  t.equal(bodies[0]?.error.code, 'RES_NOT_FOUND');
  for (const body of bodies.filter((_, i) => i !== 3)) t.same(body, bodies[0]);
  t.ok(await isLive(theirs));
});

t.test('a sign-out ends its session at once and may be repeated', async (t) => {
  const tokens = await signInSomebody();
  const signOut = () =>
    ask('POST', '/api/auth/logout', {
      token: tokens.access_token,
      body: { refresh_token: tokens.refresh_token, more: true },
    });

  t.equal((await signOut()).status, 200);
  t.equal((await me(tokens.access_token)).code, 'AUTH_TOKEN_REVOKED');
  t.equal((await renew(tokens.refresh_token)).code, 'AUTH_TOKEN_REVOKED');
  t.equal((await signOut()).status, 200);
  await store.redis.del(sessionKey(tokens.session_id));
  t.equal((await signOut()).status, 200, 'also when nothing is left of it');
  t.equal(await store.redis.exists(sessionKey(tokens.session_id)), 0, 'and makes nothing of nothing');
});

t.test('a sign-out needs no body, but a genuine token', async (t) => {
  const tokens = await signInSomebody();

  t.equal((await ask('POST', '/api/auth/logout')).code, 'AUTH_UNAUTHORIZED');
  t.equal(
    (await ask('POST', '/api/auth/logout', { token: tokens.refresh_token })).code,
    'AUTH_INVALID_TOKEN',
  );
  t.ok(await isLive(tokens));
  t.equal((await ask('POST', '/api/auth/logout', { token: tokens.access_token, raw: '' })).status, 200);
});

t.test('a renewal token of another session that comes with a sign-out ends that one too', async (t) => {
  const person = await register();
  const [first, second, third] = [await signIn(person), await signIn(person), await signIn(person)];

  await ask('POST', '/api/auth/logout', {
    token: first.access_token,
    body: { refresh_token: second.refresh_token },
  });

  t.notOk(await isLive(first));
  t.notOk(await isLive(second));
  t.ok(await isLive(third));
});

t.test('after 5 parallel sign-ins, ending the others leaves exactly one', async (t) => {
  const person = await register();
  const signedIn = await Promise.all(Array.from({ length: 5 }, () => signIn(person)));
  const [kept, ...others] = signedIn;

  const answer = await ask('POST', '/api/auth/sessions/terminate-others', { token: kept!.access_token });

  t.equal(answer.body.data.terminated_count, 4);
  t.ok(await isLive(kept!));
  t.same(await Promise.all(others.map(isLive)), [false, false, false, false]);
  t.equal((await list(kept!.access_token)).length, 1);
});

t.test('sign-ins that race with ending the others either die or are in the list', async (t) => {
  const person = await register();
  const kept = await signIn(person);
  const attempts = Array.from({ length: 8 }, () =>
    ask('POST', '/api/auth/login', { body: { username: person.username, password: person.password } }),
  );

  await ask('POST', '/api/auth/sessions/terminate-others', { token: kept.access_token });
  const answers = await Promise.all(attempts);

  const live = [];
  for (const { status, body } of answers)
    if (status === 200 && (await isLive(body.data))) live.push(body.data);
  t.equal((await list(kept.access_token)).length, live.length + 1);
});

t.test('25 parallel sign-ins leave 20 live sessions', async (t) => {
  const person = await register();

  const answers = await Promise.all(
    Array.from({ length: 25 }, () =>
      ask('POST', '/api/auth/login', { body: { username: person.username, password: person.password } }),
    ),
  );

  const signedIn = answers.filter(({ status }) => status === 200).map(({ body }) => body.data as Tokens);
  const refused = answers.filter(({ status }) => status !== 200);
  t.same(
    refused.map(({ code }) => code),
    refused.map(() => 'SYS_BUSY'),
    'a full queue is the only excuse',
  );
  for (let more = refused.length; more > 0; more -= 1) signedIn.push(await signIn(person));
  const live = await Promise.all(signedIn.map(isLive));
  t.equal(live.filter(Boolean).length, 20);
  t.equal(await store.redis.zcard(sessionIndexKey(signedIn[0]!.user.id)), 20);
});
