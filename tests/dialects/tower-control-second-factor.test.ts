import t from 'tap';
import { disableAccount } from '../../services/core/accounts/change-account-state.ts';
import { accountKey } from '../../services/core/redis/keys.ts';
import type { Enrolled } from '../support/second-factor.ts';
import { claimsOf, isResult, rolesOf, startTowerStage, withSettings } from './tower-stage.ts';

const stage = await startTowerStage(t);
const { call, enrol, codeOf, forgetSteps, signin, tryUpgrade, upgrade, isLive, store } = stage;
const { signinSomebody, uidOf, age } = stage;

const wrongCode = async (secret: string) => {
  const right = [await codeOf(secret, -1), await codeOf(secret), await codeOf(secret, 1)];
  return ['000000', '111111', '222222', '333333'].find((code) => !right.includes(code)) ?? '';
};
const complete = async ({ person, secret, uid }: Enrolled) => {
  await forgetSteps(uid);
  return upgrade((await signin(person)).jwtToken, await codeOf(secret));
};
const secretIn = (uri: string) => new URL(uri).searchParams.get('secret') ?? '';

t.test('with a second factor a password gives a token for its steps alone, for 600 s', async (t) => {
  const { person } = await enrol();

  const begun = await signin(person);

  t.match(begun, { twoFARequired: true, twoFAValidated: false, twoFASize: 6, twoFAType: 'AUTHENTICATOR' });
  t.same(rolesOf(begun.jwtToken), ['LOGIN_1FA', 'REGISTERED_USER']);
  t.equal(begun.jwtRenewalToken, begun.jwtToken);
  t.equal(begun.mqtt, undefined);
  t.match(begun.jwtToken.split('.')[1], /^[A-Za-z0-9]+$/, 'plain base64 reads it');
  const [seconds] = await store.redis.time();
  const left = claimsOf(begun.jwtToken).exp - Number(seconds);
  t.ok(left > 590 && left <= 600, `${left} s`);
});

t.test('a pending token opens nothing but its steps', async (t) => {
  const { person } = await enrol();
  const { jwtToken: token } = await signin(person);
  const calls = [
    'GET session/2fa',
    'GET profile/basic',
    'GET roles',
    'GET groups',
    'GET apikey',
    'GET admin/search',
  ];

  for (const asked of calls) {
    const [method = '', path = ''] = asked.split(' ');
    isResult(t, await call(method, path, { token }), 403, 'user-profile-no-access', asked);
  }
  const body = { password: 'a long enough new password' };
  isResult(t, await call('PUT', 'profile/password/change', { token, body }), 403, 'user-profile-no-access');
  isResult(
    t,
    await call('PUT', 'profile/2fa', { token, body: { twoFaType: 'NONE' } }),
    400,
    'user-profile-no-access',
  );
  isResult(
    t,
    await call('PUT', 'profile/2fa', { token, body: { twoFaType: 'AUTHENTICATOR' } }),
    403,
    'user-profile-no-access',
  );
  t.notOk(await isLive(token));
});

t.test('a right code completes the sign-in, and renewals remember it', async (t) => {
  const enrolled = await enrol();

  const done = await complete(enrolled);

  t.match(done, { twoFARequired: true, twoFAValidated: true, twoFASize: 6, mqtt: {} });
  t.same(rolesOf(done.jwtToken), ['LOGIN_1FA', 'LOGIN_2FA', 'LOGIN_COMPLETE', 'REGISTERED_USER']);
  const renewed = await upgrade(done.jwtRenewalToken);
  t.match(renewed, { twoFARequired: true, twoFAValidated: true, mqtt: {} });
  t.same(rolesOf(renewed.jwtToken), rolesOf(done.jwtToken));
});

t.test('a wrong or a missing code is answered with 200 and less', async (t) => {
  const { person, secret } = await enrol();
  const { jwtToken } = await signin(person);

  for (const code of [await wrongCode(secret), undefined, '', 'abc']) {
    const answer = await upgrade(jwtToken, code);

    t.match(answer, { twoFARequired: true, twoFAValidated: false, passwordExpired: false }, String(code));
    t.same(rolesOf(answer.jwtToken), ['LOGIN_1FA']);
    t.equal(answer.mqtt, undefined);
  }
  for (let i = 0; i < 5; i += 1) await upgrade(jwtToken);
  const done = await upgrade(jwtToken, await codeOf(secret));
  t.ok(done.mqtt, 'a missing code has cost no attempt');
});

t.test('after five wrong codes the sign-in is over, a new one begins anew', async (t) => {
  const { person, secret } = await enrol();
  const { jwtToken } = await signin(person);
  const wrong = await wrongCode(secret);

  for (let i = 0; i < 5; i += 1) await upgrade(jwtToken, wrong);

  isResult(t, await tryUpgrade(jwtToken, await codeOf(secret)), 400, 'user-upgrade-brute-force');
});

t.test('a code counts once, in whichever sign-in', async (t) => {
  const { person, secret } = await enrol();
  const code = await codeOf(secret);
  t.ok((await upgrade((await signin(person)).jwtToken, code)).mqtt);

  const again = await upgrade((await signin(person)).jwtToken, code);

  t.notOk(again.twoFAValidated);
});

t.test('of ten parallel upgrades with the right code one opens a session', async (t) => {
  const { person, secret } = await enrol();
  const { jwtToken } = await signin(person);
  const code = await codeOf(secret);

  const answers = await Promise.all(Array.from({ length: 5 }, () => tryUpgrade(jwtToken, code)));

  t.equal(answers.filter(({ body }) => body.mqtt).length, 1);
});

t.test('a lock set between the two steps stops the second', async (t) => {
  const { person, secret, uid } = await enrol();
  const { jwtToken } = await signin(person);

  await disableAccount(store, { uid, reason: 'test', actor: 'test' });

  isResult(t, await tryUpgrade(jwtToken, await codeOf(secret)), 403, 'user-rights-not-signed-user');
});

t.test('a sign-in whose account has gone says so', async (t) => {
  const { person, uid } = await enrol();
  const { jwtToken } = await signin(person);

  await store.redis.del(accountKey(uid));

  isResult(t, await tryUpgrade(jwtToken, '000000'), 400, 'user-upgrade-missing-user');
});

t.test('signing out of a sign-in under way ends it, and no session', async (t) => {
  const enrolled = await enrol();
  const { jwtToken: other } = await complete(enrolled);
  const { jwtToken } = await signin(enrolled.person);
  const { jwtToken: lesser } = await upgrade(jwtToken);

  isResult(t, await call('GET', 'session/signout', { token: lesser }), 403, 'user-profile-no-access');
  isResult(t, await call('GET', 'session/signout', { token: jwtToken }), 200, 'user-signed-out');

  isResult(t, await tryUpgrade(jwtToken), 403, 'user-rights-not-signed-user');
  t.ok(await isLive(other), 'who lacks the second factor ends nothing of the owner');
});

t.test('an authenticator is in force after its first right code', async (t) => {
  const { person, jwtToken: token, login } = await signinSomebody();
  const other = await signin(person);

  const answer = await call('PUT', 'profile/2fa', { token, body: { twoFaType: 'AUTHENTICATOR' } });

  t.equal(answer.status, 200);
  t.match(answer.body, { twoFaMethod: -1, twoFaType: 'AUTHENTICATOR' });
  const { secret: uri } = answer.body;
  const secret = secretIn(uri);
  t.equal(uri, `otpauth://totp/Bednet:${login}?secret=${secret}&issuer=Bednet`);
  t.equal(secret.length, 32, '160 bits');
  t.notOk((await signin(person)).twoFARequired, 'not yet');

  const wrong = await call('GET', `session/2fa?secondFactor=${await wrongCode(secret)}`, { token });
  isResult(t, wrong, 400, 'user-session-2fa-code-invalid');
  const right = await call('GET', `session/2fa?secondFactor=${await codeOf(secret)}`, { token });
  isResult(t, right, 200, 'user-session-2fa-code-valid');
  t.notOk(await isLive(other.jwtToken), 'other sessions have ended');
  t.ok(await isLive(token), 'this one goes on');
  t.ok((await upgrade(token)).mqtt, 'also by its token of before');
  t.ok((await signin(person)).twoFARequired, 'from now on');
});

t.test('a code of a signed-in person is checked, used up and counted', async (t) => {
  const enrolled = await enrol();
  const used = await codeOf(enrolled.secret);
  const { jwtToken: token } = await upgrade((await signin(enrolled.person)).jwtToken, used);
  const ask = (code: string) => call('GET', `session/2fa?secondFactor=${code}`, { token });
  const wrong = await wrongCode(enrolled.secret);
  isResult(t, await ask(''), 400, 'user-session-2fa-code-missing');
  isResult(t, await call('GET', 'session/2fa', { token }), 400, 'user-session-2fa-code-missing');
  isResult(t, await ask('x'), 400, 'user-session-2fa-code-invalid', 'no number');
  isResult(t, await ask(used), 400, 'user-session-2fa-code-invalid', 'used to sign in');
  await forgetSteps(enrolled.uid);
  isResult(t, await ask(await codeOf(enrolled.secret)), 200, 'user-session-2fa-code-valid');

  for (let i = 0; i < 5; i += 1) isResult(t, await ask(wrong), 400, 'user-session-2fa-code-invalid');

  await forgetSteps(enrolled.uid);
  isResult(t, await ask(await codeOf(enrolled.secret)), 400, 'user-session-2fa-code-invalid', 'delayed');
});

t.test('without a second factor no code is valid', async (t) => {
  const { jwtToken: token, person } = await signinSomebody();

  const answer = await call('GET', 'session/2fa?secondFactor=000000', { token });
  isResult(t, answer, 400, 'user-session-2fa-code-invalid');

  await store.redis.del(accountKey(await uidOf(person)));
  const gone = await call('GET', 'session/2fa?secondFactor=000000', { token });
  isResult(t, gone, 400, 'user-profile-user-not-found');
});

t.test('the second factor is chosen by number or by name, and the number wins', async (t) => {
  const { jwtToken: token } = await signinSomebody();
  const choose = (body: object) => call('PUT', 'profile/2fa', { token, body });
  const chosen = [
    [
      { twoFaMethod: 3, twoFaType: 'NONE' },
      { twoFaMethod: 3, twoFaType: 'AUTHENTICATOR' },
    ],
    [
      { twoFaMethod: -1, twoFaType: 'NONE' },
      { twoFaMethod: -1, twoFaType: 'NONE', secret: '' },
    ],
    [{ twoFaMethod: 0 }, { twoFaMethod: 0, twoFaType: 'NONE', secret: '' }],
  ] as const;

  for (const [asked, answered] of chosen) {
    const answer = await choose(asked);
    t.equal(answer.status, 200, answer.text);
    t.match(answer.body, answered);
  }
  for (const body of [{ twoFaMethod: 4 }, { twoFaType: 'FAX' }, {}, { twoFaMethod: '3' }, []]) {
    isResult(t, await choose(body), 400, 'user-profile-2fa-method-not-valid', JSON.stringify(body));
  }
  isResult(t, await choose({ twoFaType: 'SMS' }), 400, 'user-profile-2fa-sms-not-supported');
  isResult(t, await choose({ twoFaMethod: 2 }), 400, 'user-profile-2fa-sms-not-supported');
  isResult(t, await choose({ twoFaType: 'EMAIL' }), 400, 'user-profile-2fa-method-not-valid', 'mail is off');
});

t.test('a second factor is set and removed on a fresh sign-in only', async (t) => {
  const enrolled = await enrol();
  const { jwtToken: token, mqtt } = await complete(enrolled);
  const choose = (twoFaType: string) => call('PUT', 'profile/2fa', { token, body: { twoFaType } });
  await age(mqtt?.client_id ?? '', 301);
  isResult(t, await choose('NONE'), 400, 'user-profile-no-access');
  isResult(t, await choose('AUTHENTICATOR'), 400, 'user-profile-no-access');
  await age(mqtt?.client_id ?? '', -301);

  const answer = await choose('NONE');

  t.equal(answer.status, 200);
  t.notOk((await signin(enrolled.person)).twoFARequired);
  t.ok(await isLive(token));
  await store.redis.del(accountKey(enrolled.uid));
  isResult(t, await choose('NONE'), 400, 'user-profile-user-not-found');
});

t.test('a network that failed too often is refused, wordlessly', async (t) => {
  const { person, secret } = await enrol();
  const few = await withSettings(t, stage, { GUESS_FAILURES_PER_NETWORK: '1' });
  const { jwtToken } = await signin(person);
  await few.tryUpgrade(jwtToken, await wrongCode(secret));

  isResult(t, await few.tryUpgrade(jwtToken, await codeOf(secret)), 400, 'user-upgrade-brute-force');
  isResult(t, await few.trySignin({ ...person, password: 'wrong' }), 400, 'user-login-refused');
  isResult(t, await few.trySignin(person), 400, 'user-login-refused');
});
