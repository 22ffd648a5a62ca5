import t from 'tap';
import { defaultRulesDocument } from '../../services/core/acl/rules.ts';
import { rulesKey } from '../../services/core/redis/keys.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { giveRoles } from '../support/admins.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { somebody, startService, startSessionStage, type SessionStage } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { store, stack } = stage;

const { roles } = defaultRulesDocument;
const guarded = { permissions: [], secondFactor: 'required', rules: [] } as const;
await replaceRules(store, { version: '0', roles: { ...roles, guarded } }, { actor: 'test' });

const eight = 'kw7 ünzo';
const seven = eight.slice(1);
/** A signed-in person whose role demands the second factor, and the hands to change the password. */
const signInGuarded = async (on: Pick<SessionStage, 'ask' | 'register' | 'signIn'> = stage) => {
  const hands = secondFactorHands({ ...on, store });
  const enrolled = await hands.enrol();
  await giveRoles(store, enrolled.uid, ['user', 'guarded']);
  const { access_token: token } = await hands.completeSignIn(enrolled);
  const { password } = enrolled.person;
  const changeTo = (next: string) =>
    on.ask('POST', '/api/auth/change-password', {
      token,
      body: { current_password: password, new_password: next },
    });
  return { changeTo, uid: enrolled.uid };
};

t.test('where a role demands a second factor, 8 characters do; 7 do not', async (t) => {
  const { changeTo } = await signInGuarded();

  t.equal((await changeTo(seven)).code, 'VAL_PASSWORD_TOO_SHORT');
  t.match((await changeTo(seven)).body.error.message, / 8 characters/);
  t.equal((await changeTo(eight)).status, 200);
});

t.test('who merely has a second factor that nothing demands needs 15', async (t) => {
  const hands = secondFactorHands(stage);
  const { person, tokens } = await hands.enrol();
  const change = { current_password: person.password, new_password: eight };

  const answer = await stage.ask('POST', '/api/auth/change-password', {
    token: tokens.access_token,
    body: change,
  });

  t.equal(answer.code, 'VAL_PASSWORD_TOO_SHORT');
});

t.test('where the rules are broken, nothing counts as demanded', async (t) => {
  const { changeTo } = await signInGuarded();
  const before = await store.redis.hgetall(rulesKey);
  await store.redis.hset(rulesKey, { version: 'broken', document: '{' });

  t.equal((await changeTo(eight)).code, 'VAL_PASSWORD_TOO_SHORT');

  await store.redis.hset(rulesKey, before);
});

t.test('a registration needs 15, unless the role of everybody demands a second factor', async (t) => {
  const register = (password: string) =>
    stage.ask('POST', '/api/auth/register', { body: { ...somebody(), password } });
  t.equal((await register(eight)).code, 'VAL_PASSWORD_TOO_SHORT');
  const version = (await store.redis.hget(rulesKey, 'version')) ?? '';
  const user = { ...roles.user!, secondFactor: 'required' } as const;

  await replaceRules(store, { version, roles: { ...roles, guarded, user } }, { actor: 'test' });

  t.equal((await register(eight)).status, 201);
  t.equal((await register(seven)).code, 'VAL_PASSWORD_TOO_SHORT');
  const now = (await store.redis.hget(rulesKey, 'version')) ?? '';
  await replaceRules(store, { version: now, roles: { ...roles, guarded } }, { actor: 'test' });
});

t.test('a setting asks for more, but never for more than of everybody', async (t) => {
  const same = await startService(t, stack, { PASSWORD_MIN_LENGTH_WITH_FACTOR: '15' });
  const { changeTo } = await signInGuarded(same);
  t.equal((await changeTo(eight)).code, 'VAL_PASSWORD_TOO_SHORT');

  const lower = { PASSWORD_MIN_LENGTH: '9', PASSWORD_MIN_LENGTH_WITH_FACTOR: '15' };
  const other = await signInGuarded(await startService(t, stack, lower));
  t.equal((await other.changeTo(`${eight}x`)).status, 200);
});
