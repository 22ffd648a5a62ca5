import t from 'tap';
import { defaultRulesDocument } from '../../services/core/acl/rules.ts';
import { sessionKey } from '../../services/core/redis/keys.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { giveRoles } from '../support/admins.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { expectStatus, startSessionStage, type Person, type Tokens } from '../support/session-service.ts';

const hour = 3600;
const day = 24 * hour;

const stage = await startSessionStage(t);
const { ask, register, renew, signIn, store } = stage;
const { enrol, completeSignIn, tempTokenOf, verify, codeOf, forgetSteps } = secondFactorHands(stage);

const { roles } = defaultRulesDocument;
const guarded = { permissions: [], secondFactor: 'required', rules: [] } as const;
await replaceRules(store, { version: '0', roles: { ...roles, guarded } }, { actor: 'test' });

/** How long a session has left, in s: idle and at all. */
const livesOf = async ({ session_id: sid }: Pick<Tokens, 'session_id'>) => {
  const [idle, absolute] = await store.redis.hmget(sessionKey(sid), 'idleUntilMs', 'absoluteUntilMs');
  const [seconds, microseconds] = await store.redis.time();
  const nowMs = Number(seconds) * 1000 + Number(microseconds) / 1000;
  return [idle, absolute].map((untilMs) => Math.ceil((Number(untilMs) - nowMs) / 1000));
};
const isAbout = (seconds: number, expected: number) => seconds <= expected && seconds > expected - 30;
const signInWithFactor = async () => {
  const enrolled = await enrol();
  await giveRoles(store, enrolled.uid, ['user', 'guarded']);
  return completeSignIn(enrolled);
};
const signInForShort = async ({ username, password }: Person) => {
  const body = { username, password, remember: false };
  return expectStatus(await ask('POST', '/api/auth/login', { body }), 200).body.data;
};

t.test('where a role demands a second factor, a session lives an hour idle and a day at most', async (t) => {
  const tokens = await signInWithFactor();

  const [idle = 0, absolute = 0] = await livesOf(tokens);

  t.ok(isAbout(idle, hour), `idle ${idle} s`);
  t.ok(isAbout(absolute, day), `absolute ${absolute} s`);
  t.ok(isAbout(tokens.refresh_expires_in, hour));
  t.ok(isAbout(tokens.expires_in, 900));
});

t.test('its renewals keep to that', async (t) => {
  const first = await signInWithFactor();

  const second = expectStatus(await renew(first.refresh_token), 200).body.data;
  const [idle = 0, absolute = 0] = await livesOf(second);

  t.ok(isAbout(idle, hour), `idle ${idle} s`);
  t.ok(isAbout(absolute, day), `absolute ${absolute} s`);
  t.ok(isAbout(second.refresh_expires_in, hour));
});

t.test('a second factor that no role demands leaves a session its long life', async (t) => {
  const [idle = 0, absolute = 0] = await livesOf(await completeSignIn(await enrol()));

  t.ok(isAbout(idle, 7 * day), `idle ${idle} s`);
  t.ok(isAbout(absolute, 30 * day), `absolute ${absolute} s`);
});

t.test('a session that is not to be remembered lives the shorter of both idle lives', async (t) => {
  const person = await register();
  const [idle = 0] = await livesOf(await signInForShort(person));
  t.ok(isAbout(idle, day / 2), `idle ${idle} s, where nothing is demanded`);

  const enrolled = await enrol();
  await giveRoles(store, enrolled.uid, ['user', 'guarded']);
  const { temp_token: tempToken } = await signInForShort(enrolled.person);
  await forgetSteps(enrolled.uid);
  const passed = await verify(tempToken, await codeOf(enrolled.secret));

  const [shortest = 0] = await livesOf(expectStatus(passed, 200).body.data);
  t.ok(isAbout(shortest, hour), `idle ${shortest} s`);
});

t.test('an enrolment that a role demands ends in a session of the short life', async (t) => {
  const person = await register();
  await giveRoles(store, (await signIn(person)).user.id, ['user', 'guarded']);
  const tempToken = await tempTokenOf(person);
  const started = await ask('POST', '/api/auth/2fa/enable', { body: { temp_token: tempToken } });
  const passed = await verify(tempToken, await codeOf(expectStatus(started, 200).body.data.secret));

  const [idle = 0, absolute = 0] = await livesOf(expectStatus(passed, 200).body.data);

  t.ok(isAbout(idle, hour), `idle ${idle} s`);
  t.ok(isAbout(absolute, day), `absolute ${absolute} s`);
});
