import t from 'tap';
import { credentialKey, sessionKey } from '../../services/core/redis/keys.ts';
import { startSessionStage, type Tokens } from '../support/session-service.ts';

const { ask, register, signIn, signInSomebody, renew, store } = await startSessionStage(t, {
  RENEWAL_GRACE_SECONDS: '60',
});

const next = 'another long enough password';
const change = (token: string, current: string, fresh = next) =>
  ask('POST', '/api/auth/change-password', {
    token,
    body: { current_password: current, new_password: fresh },
  });
const isLive = async (token: string) => (await ask('GET', '/api/auth/me', { token })).status === 200;

t.test('a change of password ends all other sessions and keeps this one with fresh tokens', async (t) => {
  const person = await register();
  const mine = await signIn(person);
  const others = [await signIn(person), await signIn(person)];

  const answer = await change(mine.access_token, person.password);

  t.equal(answer.status, 200);
  t.equal(answer.headers.get('cache-control'), 'no-store');
  const fresh = answer.body.data as Tokens;
  t.equal(fresh.session_id, mine.session_id);
  t.not(fresh.refresh_token, mine.refresh_token);
  t.ok(await isLive(fresh.access_token));
  t.equal((await renew(fresh.refresh_token)).status, 200);
  for (const other of others) {
    t.notOk(await isLive(other.access_token));
    t.equal((await renew(other.refresh_token)).code, 'AUTH_TOKEN_REVOKED');
    t.match(await store.redis.hgetall(sessionKey(other.session_id)), { reason: 'password-changed' });
  }
});

t.test('from then on only the new password fits', async (t) => {
  const person = await register();
  const { access_token: token } = await signIn(person);
  await change(token, person.password);
  const login = (password: string) =>
    ask('POST', '/api/auth/login', { body: { username: person.username, password } });

  t.equal((await login(person.password)).status, 401);
  t.equal((await login(next)).status, 200);
});

t.test('a client that ignores the fresh tokens goes on with its old ones', async (t) => {
  const mine = await signInSomebody();
  const fresh = (await change(mine.access_token, mine.person.password)).body.data as Tokens;
  await store.redis.hset(sessionKey(mine.session_id), 'rotatedAtMs', 1);
  t.ok(await isLive(mine.access_token), 'the old access token');

  const renewed = await renew(mine.refresh_token);

  t.equal(renewed.status, 200, 'the old renewal token is no trap');
  t.equal(renewed.body.data.refresh_token, fresh.refresh_token);
});

t.test('a wrong current password changes and ends nothing', async (t) => {
  const person = await register();
  const [mine, other] = [await signIn(person), await signIn(person)];
  const before = await store.redis.hgetall(credentialKey(mine.user.id));

  const answer = await change(mine.access_token, 'not the password at all');

  t.equal(answer.status, 401);
  t.match(answer.body.error, { code: 'AUTH_INVALID_CREDENTIALS', field: 'current_password' });
  t.same(await store.redis.hgetall(credentialKey(mine.user.id)), before);
  t.ok(await isLive(mine.access_token));
  t.ok(await isLive(other.access_token));
  t.equal((await renew(mine.refresh_token)).status, 200);
});

t.test('an unfit new password changes nothing and says why', async (t) => {
  const mine = await signInSomebody();
  const unfit: [string, string][] = [
    ['x'.repeat(14), 'VAL_PASSWORD_TOO_SHORT'],
    ['x'.repeat(257), 'VAL_PASSWORD_TOO_LONG'],
    ['🐌'.repeat(257), 'VAL_PASSWORD_TOO_LONG'],
  ];

  for (const [password, code] of unfit) {
    const answer = await change(mine.access_token, mine.person.password, password);
    t.equal(answer.status, 400);
    t.match(answer.body.error, { code, field: 'new_password' });
  }
  t.equal((await signIn(mine.person)).user.id, mine.user.id, 'the old one still fits');
});

t.test('of parallel changes one wins and nothing is left half done', async (t) => {
  const person = await register();
  const sessions = [await signIn(person), await signIn(person), await signIn(person)];
  const passwords = ['first long password', 'second long password', 'third long password'];

  const answers = await Promise.all(
    sessions.map(({ access_token: token }, i) => change(token, person.password, passwords[i])),
  );

  const winners = answers.flatMap(({ status }, i) => (status === 200 ? [i] : []));
  t.equal(winners.length, 1);
  const logins = await Promise.all(
    [person.password, ...passwords].map((password) =>
      ask('POST', '/api/auth/login', { body: { username: person.username, password } }),
    ),
  );
  t.same(
    logins.map(({ status }) => status),
    [401, ...passwords.map((_, i) => (i === winners[0] ? 200 : 401))],
  );
  const live = await Promise.all(sessions.map(({ access_token: token }) => isLive(token)));
  t.same(
    live,
    sessions.map((_, i) => i === winners[0]),
  );
});

t.test('a renewal in flight at a change of password converges with it', async (t) => {
  for (let round = 0; round < 5; round += 1) {
    const mine = await signInSomebody();

    const [renewed, changed] = await Promise.all([
      renew(mine.refresh_token),
      change(mine.access_token, mine.person.password),
    ]);

    t.equal(renewed.status, 200, renewed.text);
    t.equal(changed.status, 200, changed.text);
    const pairs = [renewed.body.data, changed.body.data] as Tokens[];
    for (const pair of pairs) t.equal((await renew(pair.refresh_token)).status, 200, 'both clients go on');
  }
});
