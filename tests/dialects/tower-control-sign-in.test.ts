import t from 'tap';
import { disableAccount } from '../../services/core/accounts/change-account-state.ts';
import { claimsOf, isResult, rolesOf, startTowerStage, withSettings } from './tower-stage.ts';

const stage = await startTowerStage(t);
const { ask, call, register, signin, signinSomebody, trySignin, uidOf, isLive, store } = stage;

t.test('a sign-in with nothing pending is complete at once, with the way to MQTT', async (t) => {
  const person = await register();

  const answer = await trySignin(person);

  t.equal(answer.status, 200);
  t.equal(answer.headers.get('cache-control'), 'no-store');
  t.equal(answer.headers.get('set-cookie'), null);
  t.match(answer.body, {
    email: person.email,
    login: /^[0-9A-F]{64}$/,
    passwordExpired: false,
    conditionToValidate: false,
    twoFARequired: false,
    twoFAValidated: false,
    twoFASize: 0,
    twoFAType: 'NONE',
    mqtt: { username: person.username },
  });
  t.same(rolesOf(answer.body.jwtToken), ['LOGIN_1FA', 'LOGIN_COMPLETE', 'REGISTERED_USER']);
  t.ok(await isLive(answer.body.jwtToken), 'it is the access token of every dialect');
});

t.test('a page reads exp and roles by plain base64', async (t) => {
  const { jwtToken } = await signinSomebody();
  const [seconds] = await store.redis.time();

  const { exp, roles } = claimsOf(jwtToken);

  t.match(
    jwtToken.split('.')[1],
    /^[A-Za-z0-9]+$/,
    'no character that base64 and base64url write differently',
  );
  t.ok(roles.every((role) => role.startsWith('ROLE_')));
  t.ok(exp - Number(seconds) > 360, 'a client that renews 300 s before the end has more than a minute');
});

t.test('the login of an account is opaque and stays, whoever asks and whenever', async (t) => {
  const { person, login } = await signinSomebody();
  const again = await signin(person);
  const other = await signinSomebody();

  t.equal(again.login, login);
  t.not(other.login, login);
});

t.test('every failed sign-in gets one and the same answer', async (t) => {
  const person = await register();
  const disabled = await register();
  await disableAccount(store, { uid: await uidOf(disabled), reason: 'test', actor: 'test' });
  const wrong: [string, { email?: unknown; password?: unknown }][] = [
    ['wrong password', { email: person.email, password: 'not the password at all' }],
    ['unknown', { email: 'nobody@example.org', password: person.password }],
    ['disabled', disabled],
    ['no password', { email: person.email }],
    ['a list', { email: person.email, password: [person.password] }],
    ['empty', {}],
    ['too long', { email: person.email, password: 'x'.repeat(1100) }],
  ];

  for (const [what, body] of wrong) {
    const { email, password } = body;
    isResult(
      t,
      await call('POST', 'session/signin', { body: { email, password } }),
      400,
      'user-login-refused',
      what,
    );
  }
});

t.test('a sign-in with a token at hand ends the session of that token', async (t) => {
  const { person, jwtToken } = await signinSomebody();

  const { email, password } = person;
  const answer = await call('POST', 'session/signin', { token: jwtToken, body: { email, password } });

  t.equal(answer.status, 200);
  t.notOk(await isLive(jwtToken));
});

t.test('signing out ends every session of the account', async (t) => {
  const { person, jwtToken, jwtRenewalToken } = await signinSomebody();
  const other = await signin(person);
  const stranger = await signinSomebody();

  isResult(t, await call('GET', 'session/signout', { token: jwtToken }), 200, 'user-signed-out');

  t.notOk(await isLive(jwtToken));
  t.notOk(await isLive(other.jwtToken), 'the other one, too');
  t.ok(await isLive(stranger.jwtToken), 'but nobody else');
  isResult(
    t,
    await call('GET', 'session/upgrade', { token: jwtRenewalToken }),
    403,
    'user-rights-not-signed-user',
  );
});

t.test('a sign-in that was refused has changed nothing; the right one works on', async (t) => {
  const person = await register();
  await trySignin({ ...person, password: 'not the password at all' });

  t.equal((await trySignin(person)).status, 200);
});

t.test('a username serves as well as an e-mail address', async (t) => {
  const { username, password } = await register();

  const answer = await ask('POST', '/users/1.0/session/signin', { body: { email: username, password } });

  t.equal(answer.status, 200);
});

t.test('an address that waits to be verified is verified elsewhere first', async (t) => {
  const folder = t.testdir();
  const strict = await withSettings(t, stage, { EMAIL_VERIFICATION: 'required', MAIL_FOLDER: folder });
  const { username, password } = await register();

  const answer = await strict.trySignin({ email: username, password });

  isResult(t, answer, 400, 'user-login-refused');
});
