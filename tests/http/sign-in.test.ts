import argon2 from 'argon2';
import t from 'tap';
import { disableAccount } from '../../services/core/accounts/change-account-state.ts';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { accountKey, sessionKey } from '../../services/core/redis/keys.ts';
import { revokeAllSessions } from '../../services/core/sessions/revoke-sessions.ts';
import { commandsOf, countHashes } from '../support/count-work.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { seen } from '../support/seen.ts';
import { somebody, startSessionStage, type Answer } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { ask, register, signIn, signInSomebody, store } = stage;

const login = (username: string, password: string) =>
  ask('POST', '/api/auth/login', { body: { username, password } });

t.test('a sign-in answers with tokens, the account and the way to MQTT', async (t) => {
  const person = await register();

  const answer = await login(person.username, person.password);

  t.equal(answer.status, 200);
  t.equal(answer.headers.get('cache-control'), 'no-store');
  const { data } = answer.body;
  t.match(data, {
    token_type: 'Bearer',
    expires_in: 900,
    refresh_expires_in: 604_800,
    user: { username: person.username, email: person.email, full_name: 'Some Body', role: 'user' },
    mqtt: {
      url: 'mqtt://localhost:1883',
      websocket_url: 'ws://localhost:8083',
      username: person.username,
      client_id: data.session_id,
    },
  });
  t.same(data.user.permissions, []);
  const claims = JSON.parse(Buffer.from(data.access_token.split('.')[1], 'base64url').toString());
  t.match(claims, { sub: data.user.id, sid: data.session_id, username: person.username, aud: 'bednet' });
  t.equal(claims.exp - claims.iat, 900);
});

t.test('a username counts in any case, and the e-mail address stands in for it', async (t) => {
  const person = await register();

  t.equal((await login(person.username.toUpperCase(), person.password)).status, 200);
  t.equal((await login(person.email, person.password)).status, 200);
  t.equal((await login(person.email.toUpperCase(), person.password)).status, 200);
  t.equal((await login(person.username, person.password.toUpperCase())).status, 401);
});

t.test(
  'unknown, wrong, disabled, without a password and with a second factor look and cost the same',
  async (t) => {
    const person = await register();
    const disabled = await register();
    const { uid } = { uid: (await signIn(disabled)).user.id };
    await disableAccount(store, { uid, reason: 'test', actor: 'operator' });
    const bare = somebody();
    await createAccount(store, { ...bare, roles: ['user'], passwordHash: '', actor: 'test' });
    const { person: enrolled } = await secondFactorHands(stage).enrol();
    const tries: Record<string, [string, string]> = {
      'an unknown name': ['nobody.here', person.password],
      'an unknown address': ['nobody@example.org', person.password],
      'a name that cannot exist': ['no body\u00e9', person.password],
      'a wrong password': [person.username, 'not the password at all'],
      'an empty-looking password': [person.username, ' '],
      'a disabled account, right password': [disabled.username, disabled.password],
      'a disabled account, wrong password': [disabled.username, 'not the password at all'],
      'no password set': [bare.username, 'not the password at all'],
      'a second factor is on': [enrolled.username, 'not the password at all'],
    };

    let expected: object | undefined;
    for (const [what, [username, password]] of Object.entries(tries)) {
      let answer: Answer | undefined;
      let hashes = 0;
      const commands = await commandsOf(store, async () => {
        hashes = await countHashes(async () => (answer = await login(username, password)));
      });
      t.equal(answer?.code, 'AUTH_INVALID_CREDENTIALS', what);
      const costs = { answer: seen(answer!), hashes, commands };
      expected ??= { ...costs, hashes: 1 };
      t.same(costs, expected, what);
    }
  },
);

t.test('role, permissions, id and state in a body change nothing', async (t) => {
  const person = somebody();
  const wishes = {
    role: 'admin',
    roles: ['admin'],
    permissions: ['*'],
    id: 'me',
    uid: 'me',
    is_active: false,
    session_id: 'AAAAAAAAAAAAAAAAAAAAAA',
    sid: 'AAAAAAAAAAAAAAAAAAAAAA',
    epoch: 9,
  };

  t.equal((await ask('POST', '/api/auth/register', { body: { ...person, ...wishes } })).status, 201);
  const signedIn = await ask('POST', '/api/auth/login', {
    body: { username: person.username, password: person.password, ...wishes },
  });

  t.equal(signedIn.status, 200);
  const { user, session_id: sid } = signedIn.body.data;
  t.match(user, { role: 'user', is_active: true });
  t.same(user.permissions, []);
  t.match(sid, /^[A-Za-z0-9_-]{22}$/);
  t.not(sid, wishes.sid, 'a sid is never adopted');
  const stored = await store.redis.hgetall(accountKey(user.id));
  t.match(stored, { roles: 'user', epoch: '0', state: 'active' });
});

t.test('an admin has all permissions, in the account and in the token', async (t) => {
  const person = await register();
  const { user } = await signIn(person);
  await store.redis.hset(accountKey(user.id), 'roles', 'admin,user');

  const { body } = await login(person.username, person.password);

  t.same(body.data.user.permissions, ['*']);
  t.equal(body.data.user.role, 'admin');
});

t.test('a sign-in over a session of the same account ends that session', async (t) => {
  const old = await signInSomebody();
  const other = await signInSomebody();

  const fresh = await signIn(old.person, { authorization: `Bearer ${old.access_token}` });
  const switched = await signIn(old.person, { authorization: `Bearer ${other.access_token}` });
  const careless = await signIn(old.person, { authorization: 'Bearer rubbish' });

  t.not(fresh.session_id, old.session_id);
  t.equal((await ask('GET', '/api/auth/me', { token: old.access_token })).code, 'AUTH_TOKEN_REVOKED');
  t.match(await store.redis.hgetall(sessionKey(old.session_id)), { state: 'revoked', reason: 'replaced' });
  for (const { access_token: token } of [fresh, switched, careless, other]) {
    t.equal((await ask('GET', '/api/auth/me', { token })).status, 200);
  }
});

t.test('a failed sign-in leaves the session that came along alone', async (t) => {
  const { access_token: token, person } = await signInSomebody();

  await ask('POST', '/api/auth/login', {
    body: { username: person.username, password: 'not the password at all' },
    token,
  });

  t.equal((await ask('GET', '/api/auth/me', { token })).status, 200);
});

t.test('a sign-in begun before all sessions were ended comes to nothing', async (t) => {
  const { person, user } = await signInSomebody();
  const { verify } = argon2;
  argon2.verify = (async (...args: Parameters<typeof verify>) => {
    const fits = await verify(...args);
    await revokeAllSessions(store, { uid: user.id, reason: 'test', actor: 'operator' });
    return fits;
  }) as typeof verify;

  const overtaken = await login(person.username, person.password).finally(() =>
    Object.assign(argon2, { verify }),
  );

  t.equal(overtaken.status, 401);
  t.equal(overtaken.code, 'AUTH_INVALID_CREDENTIALS');
  t.equal((await login(person.username, person.password)).status, 200, 'the next one works');
});
