import t, { type Test } from 'tap';
import { disableAccount } from '../../services/core/accounts/change-account-state.ts';
import { sessionKey } from '../../services/core/redis/keys.ts';
import { claimsOf, isResult, rolesOf, startTowerStage, withSettings } from './tower-stage.ts';

const stage = await startTowerStage(t);
const { call, register, signIn, signinSomebody, tryUpgrade, upgrade, isLive, uidOf, age, store } = stage;

const sidOf = (answer: { mqtt?: { client_id: string } }) => answer.mqtt?.client_id ?? '';
/** As if `seconds` more had passed since the session's rotation. */
const ageRotation = (sid: string, seconds: number) =>
  store.redis.hincrby(sessionKey(sid), 'rotatedAtMs', -seconds * 1000);
const isOver = async (t: Test, token: string, what: string) =>
  isResult(t, await tryUpgrade(token), 403, 'user-rights-not-signed-user', what);

t.test('the reference client renews by its jwtToken, again and again', async (t) => {
  const first = await signinSomebody();
  let token = first.jwtToken;

  for (let i = 0; i < 3; i += 1) {
    const renewed = await upgrade(token);
    t.match(renewed, {
      email: first.email,
      login: first.login,
      passwordExpired: false,
      conditionToValidate: false,
    });
    t.same(renewed.mqtt, first.mqtt, 'the session is the same');
    t.not(renewed.jwtToken, token);
    t.same(rolesOf(renewed.jwtToken), ['LOGIN_1FA', 'LOGIN_COMPLETE', 'REGISTERED_USER']);
    t.ok(await isLive(renewed.jwtToken));
    token = renewed.jwtToken;
  }
});

t.test('a renewal whose answer was lost is repeated, by either token', async (t) => {
  for (const kind of ['jwtToken', 'jwtRenewalToken'] as const) {
    const first = await signinSomebody();
    const lost = await upgrade(first[kind]);
    await ageRotation(sidOf(first), 3600);

    const repeated = await upgrade(first[kind]);

    t.equal(repeated.jwtRenewalToken, lost.jwtRenewalToken, kind);
    t.ok((await upgrade(repeated[kind])).mqtt, kind);
  }
});

t.test('twenty renewals at once by one jwtToken are one', async (t) => {
  const { jwtToken } = await signinSomebody();

  const renewals = await Promise.all(Array.from({ length: 20 }, () => upgrade(jwtToken)));

  t.equal(new Set(renewals.map(({ jwtRenewalToken }) => jwtRenewalToken)).size, 1);
});

t.test('who renews by a stolen jwtToken is out when its owner renews', async (t) => {
  const owner = await signinSomebody();
  const thief = await upgrade(owner.jwtToken);
  t.ok(await isLive(thief.jwtToken), 'the thief uses it');
  await ageRotation(sidOf(owner), 11);

  await isOver(t, owner.jwtToken, 'the owner has to sign in again');

  t.notOk(await isLive(thief.jwtToken));
  await isOver(t, thief.jwtToken, 'and so has the thief');
  await isOver(t, thief.jwtRenewalToken, 'by whichever token');
});

t.test('an old jwtToken extends nothing: it ends the session', async (t) => {
  const first = await signinSomebody();
  const second = await upgrade(first.jwtToken);
  const third = await upgrade(second.jwtToken);

  await isOver(t, first.jwtToken, 'the grandparent');

  t.notOk(await isLive(third.jwtToken));
});

t.test('an old jwtToken is good for everything else until it expires', async (t) => {
  const first = await signinSomebody();
  await upgrade((await upgrade(first.jwtToken)).jwtToken);

  t.equal((await call('GET', 'profile/basic', { token: first.jwtToken })).status, 200);
});

t.test('the access token of another dialect renews nothing, its renewal token does', async (t) => {
  const { access_token, refresh_token } = await signIn(await register());

  await isOver(t, access_token, 'it may be in a broker’s log as an MQTT password');
  t.ok(await isLive(access_token), 'no harm is done');
  const renewed = await upgrade(refresh_token);

  t.ok((await upgrade(renewed.jwtToken)).mqtt);
});

t.test('a setting leaves renewal to jwtRenewalToken', async (t) => {
  const strict = await withSettings(t, stage, { TOWER_ACCESS_TOKEN_RENEWS: 'off' });
  const { jwtToken: before } = await signinSomebody();
  const { jwtToken, jwtRenewalToken } = await strict.signin(await register());

  for (const token of [before, jwtToken]) {
    isResult(t, await strict.tryUpgrade(token), 403, 'user-rights-not-signed-user');
  }
  t.ok((await strict.upgrade(jwtRenewalToken)).mqtt);
});

t.test('a renewal stays inside the limits of its session', async (t) => {
  for (const limit of ['idleUntilMs', 'absoluteUntilMs']) {
    for (const kind of ['jwtToken', 'jwtRenewalToken'] as const) {
      const first = await signinSomebody();
      await store.redis.hset(sessionKey(sidOf(first)), limit, 1);
      await isOver(t, first[kind], `${limit}, ${kind}`);
    }
  }
  const { jwtToken, mqtt } = await signinSomebody();
  const [seconds] = await store.redis.time();
  const soonSeconds = Number(seconds) + 60;
  await store.redis.hset(sessionKey(sidOf({ mqtt: mqtt! })), 'absoluteUntilMs', soonSeconds * 1000);

  const renewed = await upgrade(jwtToken);

  t.equal(await store.redis.hget(sessionKey(sidOf(renewed)), 'idleUntilMs'), String(soonSeconds * 1000));
});

t.test('a renewal makes no sign-in fresh', async (t) => {
  const first = await signinSomebody();
  await age(sidOf(first), 301);

  const { jwtToken: token } = await upgrade(first.jwtToken);

  const body = { password: 'a long enough new password' };
  isResult(t, await call('PUT', 'profile/password/change', { token, body }), 403, 'user-profile-no-access');
});

t.test('a disabled account renews nothing', async (t) => {
  const { person, jwtToken, jwtRenewalToken } = await signinSomebody();

  await disableAccount(store, { uid: await uidOf(person), reason: 'test', actor: 'test' });

  await isOver(t, jwtToken, 'jwtToken');
  await isOver(t, jwtRenewalToken, 'jwtRenewalToken');
});

t.test('a renewal token is good for upgrade alone', async (t) => {
  const { jwtRenewalToken: token } = await signinSomebody();

  for (const [method, path] of [
    ['GET', 'session/signout'],
    ['PUT', 'profile/eula'],
    ['GET', 'profile/basic'],
    ['GET', 'session/2fa'],
  ] as const) {
    isResult(t, await call(method, path, { token }), 403, 'user-rights-not-signed-user', path);
  }
  t.ok((await upgrade(token)).mqtt);
});

t.test('an API key goes its own ways: it neither upgrades nor signs out', async (t) => {
  const { jwtToken: token, mqtt } = await signinSomebody();
  await store.redis.hset(sessionKey(sidOf({ mqtt: mqtt! })), 'apiKey', 'apikey_00000000');

  isResult(t, await tryUpgrade(token), 400, 'user-upgrade-missing-role');
  isResult(t, await call('GET', 'session/signout', { token }), 403, 'user-profile-no-access');
  isResult(t, await call('PUT', 'profile/eula', { token }), 403, 'user-profile-no-access');
});

t.test('a network that renews too often is refused', async (t) => {
  const few = await withSettings(t, stage, { REFRESH_REQUESTS_PER_NETWORK: '1' });
  const { jwtToken } = await signinSomebody();
  const { jwtToken: next } = await upgrade(jwtToken);

  isResult(t, await few.tryUpgrade(next), 400, 'user-upgrade-brute-force');
});

t.test('exp of a renewed token lies in the future of Redis’ clock', async (t) => {
  const { jwtToken } = await upgrade((await signinSomebody()).jwtToken);
  const [seconds] = await store.redis.time();

  t.ok(claimsOf(jwtToken).exp - Number(seconds) > 890);
});
