import t from 'tap';
import { accountKey, sessionKey } from '../../services/core/redis/keys.ts';
import { defaultRulesDocument } from '../../services/core/acl/rules.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { giveRoles } from '../support/admins.ts';
import { isRefusal } from '../support/refusal.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { expectStatus, startSessionStage } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { ask, register, signIn, store } = stage;
const { codeOf, login, tempTokenOf, verify, enrol, completeSignIn, forgetSteps } = secondFactorHands(stage);

const { roles } = defaultRulesDocument;
const guarded = { permissions: [], secondFactor: 'required', rules: [] } as const;
await replaceRules(store, { version: '0', roles: { ...roles, guarded } }, { actor: 'test' });
const guard = (uid: string) => store.redis.hset(accountKey(uid), 'roles', 'user,guarded');
/** An account whose role demands a second factor that it lacks. */
const newcomer = async () => {
  const person = await register();
  const tokens = await signIn(person);
  await guard(tokens.user.id);
  return { person, tokens };
};
const enable = (tempToken: string) =>
  ask('POST', '/api/auth/2fa/enable', { body: { temp_token: tempToken } });

t.test('a role can demand a second factor: the sign-in waits until one is enrolled', async (t) => {
  const { person, tokens } = await newcomer();

  const begun = await login(person);

  t.match(begun.body.data, { requires_2fa: false, pending: ['second-factor-setup'], methods: [] });
  t.equal(begun.body.data.access_token, undefined);
  const tempToken = begun.body.data.temp_token as string;
  t.equal((await verify(tempToken, '123456')).code, 'AUTH_MFA_INVALID', 'nothing is enrolled yet');
  const { secret, backup_codes: codes } = expectStatus(await enable(tempToken), 200).body.data;
  t.equal(codes.length, 10);
  const answer = expectStatus(await verify(tempToken, await codeOf(secret)), 200);
  t.equal(answer.body.data.mqtt.client_id, answer.body.data.session_id);
  t.equal(await store.redis.hget(sessionKey(answer.body.data.session_id), 'amr'), 'pwd,otp,mfa');
  const token = tokens.access_token;
  t.equal((await ask('GET', '/api/auth/me', { token })).code, 'AUTH_TOKEN_REVOKED', 'the session before');
  t.match((await login(person)).body.data, { requires_2fa: true, pending: ['second-factor'] });
});

t.test('of parallel confirmations at the sign-in one passes', async (t) => {
  const { person } = await newcomer();
  const tempToken = await tempTokenOf(person);
  const { secret } = expectStatus(await enable(tempToken), 200).body.data;
  const code = await codeOf(secret);

  const answers = await Promise.all(Array.from({ length: 10 }, () => verify(tempToken, code)));

  t.equal(answers.filter(({ status }) => status === 200).length, 1);
});

t.test('an account without that role is not asked', async (t) => {
  t.ok((await login(await register())).body.data.access_token);
});

t.test('a second factor that a role demands can be replaced, but not turned off', async (t) => {
  const enrolled = await enrol();
  const { secret, uid } = enrolled;
  await giveRoles(store, uid, ['user', 'guarded']);
  const { access_token: token } = await completeSignIn(enrolled);
  await forgetSteps(uid);

  const refused = await ask('POST', '/api/auth/2fa/disable', { token, body: { code: await codeOf(secret) } });

  isRefusal(t, refused, 'turning it off', 403);
  t.equal(refused.code, 'AUTH_INSUFFICIENT_PERMISSIONS');
  t.equal((await ask('POST', '/api/auth/2fa/enable', { token })).status, 200);
});

t.test('an enrolled account cannot enrol again by a temp token before its code', async (t) => {
  const { person } = await enrol();

  t.equal((await enable(await tempTokenOf(person))).code, 'AUTH_MFA_REQUIRED');
});
