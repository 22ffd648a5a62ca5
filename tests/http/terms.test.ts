import t from 'tap';
import { disableAccount } from '../../services/core/accounts/change-account-state.ts';
import { accountKey, sessionIndexKey } from '../../services/core/redis/keys.ts';
import { isRefusal } from '../support/refusal.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { startService, startSessionStage, type Person } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const withTerms = (version: string) => startService(t, stage.stack, { TERMS_VERSION: version });
const service = await withTerms('2026-01');
const { store } = stage;
const { ask, register } = service;
const { enrol, codeOf, forgetSteps } = secondFactorHands(stage);

const loginAt = ({ username, password }: Person, at = service) =>
  at.ask('POST', '/api/auth/login', { body: { username, password } });
const pendingOf = async (person: Person, at = service) => (await loginAt(person, at)).body.data;
const accept = (tempToken: string, version: unknown = '2026-01', at = service) =>
  at.ask('POST', '/api/auth/accept-terms', { body: { temp_token: tempToken, version } });

t.test('a sign-in waits until the terms are accepted; the next one does not', async (t) => {
  const person = await register();

  const pending = await pendingOf(person);
  const accepted = await accept(pending.temp_token);
  const next = await loginAt(person);

  t.match(pending, { requires_2fa: false, pending: ['terms'], terms_version: '2026-01' });
  t.equal(pending.access_token, undefined);
  t.equal(accepted.status, 200);
  t.match(accepted.body.data, { access_token: /^ey/, user: { username: person.username } });
  const { uid, termsVersion } = await store.redis.hgetall(accountKey(accepted.body.data.user.id));
  t.equal(termsVersion, '2026-01');
  t.match(next.body.data, { access_token: /^ey/, user: { id: uid } });
});

t.test('without terms nothing is asked, and with new ones everybody is asked again', async (t) => {
  const person = await register();
  await accept((await pendingOf(person)).temp_token);
  const newer = await withTerms('2026-02');

  t.match((await loginAt(person, stage as never)).body.data, { access_token: /^ey/ }, 'none in force');
  const pending = await pendingOf(person, newer);
  t.match(pending, { pending: ['terms'], terms_version: '2026-02' });
  t.equal((await accept(pending.temp_token, '2026-02', newer)).status, 200);
});

t.test('another version than the one in force is refused, and the right one still works', async (t) => {
  const { temp_token: tempToken } = await pendingOf(await register());

  for (const version of ['2025-12', '2026-01 ', '', ['2026-01'], null])
    isRefusal(t, await accept(tempToken, version), JSON.stringify(version), 400);
  t.equal((await accept(tempToken)).status, 200);
});

t.test('the temp token is good for the terms only, in the body or as bearer token', async (t) => {
  const person = await register();
  const { temp_token: token } = await pendingOf(person);

  t.equal((await ask('GET', '/api/auth/me', { token })).code, 'AUTH_INVALID_TOKEN');
  const password = { temp_token: token, new_password: 'another long enough password' };
  isRefusal(t, await ask('POST', '/api/auth/change-password', { body: password }), 'password', 401);
  isRefusal(t, await ask('POST', '/api/auth/2fa/verify', { body: { temp_token: token, code: '1' } }), 'code');
  const body = { version: '2026-01' };
  t.equal((await ask('POST', '/api/auth/accept-terms', { body })).code, 'AUTH_UNAUTHORIZED');
  t.equal((await accept('pending.x.y.z')).code, 'AUTH_INVALID_TOKEN');
  t.equal((await ask('POST', '/api/auth/accept-terms', { token, body })).status, 200);
});

t.test('the last step may ask for the cookie, as a sign-in does', async (t) => {
  const { temp_token: tempToken } = await pendingOf(await register());
  const body = { temp_token: tempToken, version: '2026-01', transport: 'cookie' };
  const headers = { 'sec-fetch-site': 'same-origin', 'x-bednet-request': '1' };

  const foreign = await ask('POST', '/api/auth/accept-terms', { body });
  const answer = await ask('POST', '/api/auth/accept-terms', { body, headers });

  t.equal(foreign.code, 'AUTH_CROSS_SITE');
  t.equal(answer.status, 200, answer.text);
  t.equal(answer.body.data.refresh_token, undefined);
  t.match(answer.headers.get('set-cookie'), /HttpOnly/i);
});

t.test('of ten parallel acceptances one gets the session', async (t) => {
  const person = await register();
  const { temp_token: tempToken } = await pendingOf(person);

  const answers = await Promise.all(Array.from({ length: 10 }, () => accept(tempToken)));

  const [won, ...more] = answers.filter(({ status }) => status === 200);
  t.equal(more.length, 0);
  for (const answer of answers.filter(({ status }) => status !== 200)) isRefusal(t, answer, 'late', 401);
  t.equal(await store.redis.zcard(sessionIndexKey(won?.body.data.user.id)), 1);
});

t.test('the second factor comes first', async (t) => {
  const enrolled = await enrol();
  const { temp_token: tempToken, pending } = await pendingOf(enrolled.person);

  const early = await accept(tempToken);
  await forgetSteps(enrolled.uid);
  const code = await codeOf(enrolled.secret);
  const passed = await ask('POST', '/api/auth/2fa/verify', { body: { temp_token: tempToken, code } });
  const done = await accept(tempToken);

  t.same(pending, ['second-factor', 'terms']);
  t.equal(early.code, 'AUTH_MFA_REQUIRED');
  t.match(passed.body.data, { requires_2fa: false, pending: ['terms'], terms_version: '2026-01' });
  t.match(done.body.data, { access_token: /^ey/ });
});

t.test('an account locked meanwhile gets no session', async (t) => {
  const person = await register();
  const { temp_token: tempToken } = await pendingOf(person);
  const [uid = ''] = await uidsOf(person);

  await disableAccount(store, { uid, reason: 'test', actor: 'test' });

  isRefusal(t, await accept(tempToken), 'locked', 401);
  t.equal(await store.redis.exists(sessionIndexKey(uid)), 0);
  t.equal(await store.redis.hget(accountKey(uid), 'termsVersion'), null);
});

async function uidsOf({ username }: Person): Promise<string[]> {
  const uid = await store.redis.get(`bn:login:${username.toLowerCase()}`);
  return uid === null ? [] : [uid];
}
