import t from 'tap';
import { disableAccount } from '../../services/core/accounts/change-account-state.ts';
import { requirePasswordChange } from '../../services/core/accounts/require-password-change.ts';
import { accountKey, credentialKey, sessionIndexKey } from '../../services/core/redis/keys.ts';
import { startMailStage } from '../support/mail-service.ts';
import { isRefusal } from '../support/refusal.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { startService, type Person } from '../support/session-service.ts';

const stage = await startMailStage(t);
const { ask, register, signIn, store } = stage;
const { enrol, codeOf, forgetSteps } = secondFactorHands(stage);

const next = 'another long enough password';
const loginAt = ({ username }: Person, password: string, at: Pick<typeof stage, 'ask'> = stage) =>
  at.ask('POST', '/api/auth/login', { body: { username, password } });
const change = (tempToken: string, password: unknown = next) =>
  ask('POST', '/api/auth/change-password', { body: { temp_token: tempToken, new_password: password } });

/** A person of whom a new password is demanded, signed in as far as that goes. */
async function forced() {
  const person = await register();
  const tokens = await signIn(person);
  const uid = tokens.user.id;
  await requirePasswordChange(store, { uid, actor: 'test' });
  const { data } = (await loginAt(person, person.password)).body;
  return { person, tokens, uid, pending: data, tempToken: data.temp_token as string };
}

t.test('a demanded change ends all sessions, and the next sign-in waits for the new password', async (t) => {
  const { person, tokens, uid, pending, tempToken } = await forced();

  t.equal((await ask('GET', '/api/auth/me', { token: tokens.access_token })).code, 'AUTH_TOKEN_REVOKED');
  t.match(pending, { requires_2fa: false, pending: ['password-change'] });
  t.equal(pending.access_token, undefined);
  const answer = await change(tempToken);

  t.match(answer.body.data, { access_token: /^ey/, user: { id: uid } });
  const fresh = answer.body.data.access_token;
  t.equal((await ask('GET', '/api/auth/me', { token: fresh })).status, 200, 'the sign-in went on');
  t.equal((await loginAt(person, person.password)).status, 401);
  t.match((await loginAt(person, next)).body.data, { access_token: /^ey/ }, 'asked once only');
  t.match((await stage.newestMail(person.email)).subject, /password.*changed/i);
});

t.test('a sign-in that waits for a new password can do nothing else', async (t) => {
  const { tempToken: token, uid } = await forced();

  for (const [method, path] of [
    ['GET', '/me'],
    ['GET', '/sessions'],
    ['POST', '/sessions/terminate-others'],
  ] as const) {
    t.equal((await ask(method, `/api/auth${path}`, { token })).code, 'AUTH_INVALID_TOKEN', path);
  }
  const refresh = await ask('POST', '/api/auth/refresh', { body: { refresh_token: token } });
  t.equal(refresh.code, 'AUTH_INVALID_TOKEN');
  t.equal(await store.redis.exists(sessionIndexKey(uid)), 0, 'there is no session, so no MQTT');
  const body = { new_password: next };
  t.equal((await ask('POST', '/api/auth/change-password', { token, body })).status, 200, 'as bearer token');
});

t.test('the new password has to be another one, and fit', async (t) => {
  const { person, tempToken } = await forced();
  const unfit: [string, string][] = [
    [person.password, 'VAL_PASSWORD_UNCHANGED'],
    ['x'.repeat(14), 'VAL_PASSWORD_TOO_SHORT'],
    ['passwordpassword', 'VAL_PASSWORD_COMMON'],
    [`${person.username} 2026`, 'VAL_PASSWORD_CONTEXT'],
    [`${person.email.split('@')[0]}!!!!!!!`, 'VAL_PASSWORD_CONTEXT'],
  ];

  for (const [password, code] of unfit) {
    const answer = await change(tempToken, password);
    t.equal(answer.status, 400, password);
    t.match(answer.body.error, { code, field: 'new_password' }, password);
  }
  isRefusal(t, await change(tempToken, ['x']), 'an array', 400);
  t.equal((await change(tempToken)).status, 200);
});

t.test('a reset by mail counts as the change, unless it brings the old password back', async (t) => {
  const { person } = await forced();
  await ask('POST', '/api/auth/forgot-password', { body: { email: person.email } });
  const token = await stage.newestToken(person.email);
  const reset = (password: string) =>
    ask('POST', '/api/auth/reset-password', { body: { token, new_password: password } });

  t.equal((await reset(person.password)).code, 'VAL_PASSWORD_UNCHANGED');
  t.equal((await reset(next)).status, 200);

  t.match((await loginAt(person, next)).body.data, { access_token: /^ey/ });
});

t.test('of ten parallel changes one wins, and its sign-in goes on', async (t) => {
  for (let round = 0; round < 5; round += 1) {
    const { person, tempToken, uid } = await forced();
    const passwords = Array.from({ length: 10 }, (_, i) => `long enough password number ${i}`);

    const answers = await Promise.all(passwords.map((password) => change(tempToken, password)));

    const winners = passwords.filter((_, i) => answers[i]?.status === 200);
    t.equal(winners.length, 1);
    for (const answer of answers.filter(({ status }) => status !== 200)) isRefusal(t, answer, 'late', 401);
    t.equal(await store.redis.zcard(sessionIndexKey(uid)), 1);
    t.equal((await loginAt(person, winners[0] ?? '')).status, 200);
  }
});

t.test('a lock set between the two steps stops the second', async (t) => {
  const { person, tempToken, uid } = await forced();

  await disableAccount(store, { uid, reason: 'test', actor: 'test' });

  isRefusal(t, await change(tempToken), 'locked', 401);
  t.equal(await store.redis.exists(sessionIndexKey(uid)), 0);
  t.equal((await loginAt(person, next)).status, 401, 'nothing was changed');
});

t.test('the second factor comes first: a stolen password alone cannot be changed', async (t) => {
  const { person, uid, secret } = await enrol();
  await requirePasswordChange(store, { uid, actor: 'test' });
  const { temp_token: tempToken, pending } = (await loginAt(person, person.password)).body.data;

  const early = await change(tempToken);
  await forgetSteps(uid);
  const code = await codeOf(secret);
  await ask('POST', '/api/auth/2fa/verify', { body: { temp_token: tempToken, code } });
  const done = await change(tempToken);

  t.same(pending, ['second-factor', 'password-change']);
  t.equal(early.code, 'AUTH_MFA_REQUIRED');
  t.match(done.body.data, { access_token: /^ey/ });
});

t.test('a change with steps left after it goes on to them', async (t) => {
  const strict = await startService(t, stage.stack, { TERMS_VERSION: '1' });
  const { person } = await forced();
  const { temp_token: tempToken, pending } = (await loginAt(person, person.password, strict)).body.data;

  const body = { temp_token: tempToken, new_password: next };
  const changed = await strict.ask('POST', '/api/auth/change-password', { body });
  const terms = { temp_token: tempToken, version: '1' };
  const accepted = await strict.ask('POST', '/api/auth/accept-terms', { body: terms });

  t.same(pending, ['password-change', 'terms']);
  t.match(changed.body.data, { pending: ['terms'], terms_version: '1' });
  t.match(accepted.body.data, { access_token: /^ey/ });
});

t.test('passwords don’t expire, unless the settings say so', async (t) => {
  const strict = await startService(t, stage.stack, { PASSWORD_EXPIRY_DAYS: '90' });
  const [old, young] = [await register(), await register()];
  const uids = [(await signIn(old)).user.id, (await signIn(young)).user.id];
  const day = 86_400_000;
  await store.redis.hincrby(credentialKey(uids[0] ?? ''), 'changedAtMs', -90 * day);
  await store.redis.hincrby(credentialKey(uids[1] ?? ''), 'changedAtMs', -89 * day);

  t.match((await loginAt(old, old.password)).body.data, { access_token: /^ey/ });
  t.match((await loginAt(young, young.password, strict)).body.data, { access_token: /^ey/ });
  const { data } = (await loginAt(old, old.password, strict)).body;
  t.match(data, { pending: ['password-change'] });
  const body = { temp_token: data.temp_token, new_password: next };
  await strict.ask('POST', '/api/auth/change-password', { body });
  t.match((await loginAt(old, next, strict)).body.data, { access_token: /^ey/ }, 'its age counts anew');
});

t.test('a demand for an account that is gone comes to nothing', async (t) => {
  const uid = 'A'.repeat(22);

  t.notOk(await requirePasswordChange(store, { uid, actor: 'test' }));
  t.equal(await store.redis.exists(accountKey(uid)), 0, 'and leaves no half of one');
});
