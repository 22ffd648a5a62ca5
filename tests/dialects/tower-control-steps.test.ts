import t from 'tap';
import { setAccountFields } from '../../services/core/accounts/set-account-fields.ts';
import { defaultRulesDocument } from '../../services/core/acl/rules.ts';
import { accountKey } from '../../services/core/redis/keys.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { isResult, rolesOf, startTowerStage, withSettings, type TowerStage } from './tower-stage.ts';

const stage = await startTowerStage(t, { EMAIL_SECOND_FACTOR: 'on' });
const { call, enrol, codeOf, forgetSteps, signin, signinSomebody, register, upgrade, tryUpgrade } = stage;
const { demandNewPassword, mailsTo, store, untilDelivered, uidOf } = stage;
const withTerms = await withSettings(t, stage, { TERMS_VERSION: '2026-1' });

const next = 'another long enough password';
type Step = 'code' | 'terms' | 'password';
type Hands = Pick<TowerStage, 'call' | 'upgrade'>;

/** Does one step as the reference client does: the call, then an upgrade. */
async function take({ call, upgrade }: Hands, step: Step, token: string, secret: string) {
  if (step === 'code') return upgrade(token, await codeOf(secret));
  const [path, body] =
    step === 'terms'
      ? ['profile/eula', undefined]
      : (['profile/password/change', { password: next, changeKey: '' }] as const);
  const answer = await call('PUT', path, { token, body });
  if (answer.status !== 200) throw new Error(`${step}: ${answer.text}`);
  return upgrade(token);
}

const orders: Record<string, Step[]> = {
  'the reference client': ['code', 'terms', 'password'],
  'the documentation': ['password', 'terms', 'code'],
  'somebody else': ['terms', 'code', 'password'],
};

for (const [whose, order] of Object.entries(orders)) {
  t.test(`the steps of a sign-in are taken in the order of ${whose}`, async (t) => {
    const { person, secret, uid } = await enrol();
    await demandNewPassword(person);
    let answer = await withTerms.signin(person);
    t.match(answer, {
      twoFARequired: true,
      twoFAValidated: false,
      conditionToValidate: true,
      passwordExpired: true,
    });
    await forgetSteps(uid);

    for (const [index, step] of order.entries()) {
      t.equal(answer.mqtt, undefined, `before ${step}`);
      answer = await take(withTerms, step, answer.jwtToken, secret);
      const left = order.slice(index + 1);
      t.equal(answer.conditionToValidate, left.includes('terms'), step);
      t.equal(answer.passwordExpired, left.includes('password'), step);
      t.equal(answer.twoFAValidated, !left.includes('code'), step);
      if (left.length === 0) continue;
      const second = left.includes('code') ? [] : ['LOGIN_2FA'];
      t.same(rolesOf(answer.jwtToken), ['LOGIN_1FA', ...second], step);
    }

    t.ok(answer.mqtt);
    t.same(rolesOf(answer.jwtToken), ['LOGIN_1FA', 'LOGIN_2FA', 'LOGIN_COMPLETE', 'REGISTERED_USER']);
    t.equal((await stage.trySignin(person)).status, 400, 'the old password');
    t.equal((await withTerms.trySignin({ ...person, password: next })).status, 200, 'the new one');
  });
}

t.test('one token is good for all steps', async (t) => {
  const person = await register();
  await demandNewPassword(person);
  const { jwtToken: token } = await withTerms.signin(person);
  t.same(rolesOf(token), ['LOGIN_1FA', 'REGISTERED_USER']);

  isResult(t, await withTerms.call('PUT', 'profile/eula', { token }), 200, 'user-profile-eula-accepted');
  isResult(
    t,
    await withTerms.call('PUT', 'profile/eula', { token }),
    200,
    'user-profile-eula-accepted',
    'again',
  );
  const changed = await withTerms.call('PUT', 'profile/password/change', { token, body: { password: next } });
  isResult(t, changed, 200, 'user-profile-password-changed');

  t.ok((await withTerms.upgrade(token)).mqtt);
  isResult(t, await tryUpgrade(token), 403, 'user-rights-not-signed-user', 'its sign-in is done');
});

t.test('of parallel upgrades one opens the session', async (t) => {
  const person = await register();
  const { jwtToken: token } = await withTerms.signin(person);
  await withTerms.call('PUT', 'profile/eula', { token });

  const answers = await Promise.all(Array.from({ length: 10 }, () => withTerms.tryUpgrade(token)));

  t.equal(answers.filter(({ body }) => body.mqtt).length, 1);
});

t.test('a session can accept the terms, too; without terms there is nothing to accept', async (t) => {
  const { jwtToken: token, person } = await signinSomebody();

  isResult(t, await withTerms.call('PUT', 'profile/eula', { token }), 200, 'user-profile-eula-accepted');
  isResult(t, await call('PUT', 'profile/eula', { token }), 400, 'user-profile-condition-not-found');

  t.notOk((await withTerms.signin(person)).conditionToValidate);
  await store.redis.del(accountKey(await uidOf(person)));
  isResult(t, await withTerms.call('PUT', 'profile/eula', { token }), 400, 'user-profile-user-not-found');
});

t.test('a mailed code is sent by the sign-in and completes it, once', async (t) => {
  const { person, jwtToken: token } = await signinSomebody();
  isResult(
    t,
    await call('PUT', 'profile/2fa', { token, body: { twoFaType: 'EMAIL' } }),
    400,
    'user-profile-2fa-method-not-valid',
    'the address was never verified',
  );
  await setAccountFields(store, await uidOf(person), { emailVerified: '1' });
  const answer = await call('PUT', 'profile/2fa', { token, body: { twoFaMethod: 1 } });
  t.strictSame(answer.body, { twoFaMethod: 1, twoFaType: 'EMAIL', secret: '' });

  const begun = await signin(person);

  t.match(begun, { twoFAType: 'EMAIL', twoFASize: 6, twoFARequired: true, twoFAValidated: false });
  await untilDelivered();
  const codes = (await mailsTo(person.email)).flatMap(({ text }) => /^[0-9]{6}$/m.exec(text)?.[0] ?? []);
  t.equal(codes.length, 1);
  const [code = ''] = codes;
  const other = await signin(person);
  t.notOk((await upgrade(other.jwtToken, code)).twoFAValidated, 'in no other sign-in');
  const done = await upgrade(begun.jwtToken, code);
  t.match(done, { twoFAType: 'EMAIL', twoFASize: 6, twoFAValidated: true, mqtt: {} });
  t.same(rolesOf(done.jwtToken), ['LOGIN_1FA', 'LOGIN_2FA', 'LOGIN_COMPLETE', 'REGISTERED_USER']);
});

t.test('whose role demands a second factor enrols one before there is a session', async (t) => {
  const person = await register();
  const { roles } = defaultRulesDocument;
  const guarded = { permissions: [], secondFactor: 'required', rules: [] } as const;
  await replaceRules(store, { version: '0', roles: { ...roles, guarded } }, { actor: 'test' });
  await store.redis.hset(accountKey(await uidOf(person)), 'roles', 'user,guarded');

  const begun = await signin(person);
  t.match(begun, { twoFARequired: true, twoFAValidated: false, twoFAType: 'AUTHENTICATOR', twoFASize: 6 });
  const token = begun.jwtToken;
  const asked = await call('PUT', 'profile/2fa', { token, body: { twoFaType: 'AUTHENTICATOR' } });
  t.equal(asked.status, 200, asked.text);
  const secret = new URL(asked.body.secret).searchParams.get('secret') ?? '';
  const done = await upgrade(token, await codeOf(secret));

  t.match(done, { twoFAValidated: true, mqtt: {} });
  const off = await call('PUT', 'profile/2fa', { token: done.jwtToken, body: { twoFaType: 'NONE' } });
  isResult(t, off, 400, 'user-profile-no-access');
});
