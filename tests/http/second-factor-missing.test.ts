import t from 'tap';
import { defaultRulesDocument, type Role } from '../../services/core/acl/rules.ts';
import { rulesKey, sessionKey } from '../../services/core/redis/keys.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { giveRoles, signInOperator } from '../support/admins.ts';
import { isRefusal } from '../support/refusal.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { expectStatus, startSessionStage, type Tokens } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { ask, logLines, renew, signInSomebody, store } = stage;
const { enrol, completeSignIn, login, codeOf, verify } = secondFactorHands(stage);

const { roles } = defaultRulesDocument;
const guarded: Role = { permissions: ['products.view'], secondFactor: 'required', rules: [] };
const careless: Role = { permissions: [], rules: [] };
const putRoles = async (added: Record<string, Role>) => {
  const version = (await store.redis.hget(rulesKey, 'version')) ?? '0';
  await replaceRules(store, { version, roles: { ...roles, guarded, ...added } }, { actor: 'test' });
};
const me = ({ access_token: token }: Pick<Tokens, 'access_token'>) => ask('GET', '/api/auth/me', { token });

t.beforeEach(() => putRoles({ careless }));

t.test('a session without a second factor ends when its account gets a role that demands one', async (t) => {
  const { person, ...tokens } = await signInSomebody();
  t.equal((await me(tokens)).status, 200);

  await giveRoles(store, tokens.user.id, ['user', 'guarded']);

  const refused = await me(tokens);
  isRefusal(t, refused, 'a request', 401);
  t.equal(refused.code, 'AUTH_SESSION_EXPIRED');
  t.ok(logLines.some((line) => /access-refused/.test(line) && /second-factor-missing/.test(line)));
  t.equal((await renew(tokens.refresh_token)).code, 'AUTH_SESSION_EXPIRED');
  t.match(await store.redis.hgetall(sessionKey(tokens.session_id)), {
    state: 'revoked',
    reason: 'second-factor-missing',
    actor: 'system',
  });
  t.same((await login(person)).body.data.pending, ['second-factor-setup'], 'the next sign-in');
});

t.test('it counts at the next request when a role that accounts have begins to demand one', async (t) => {
  const tokens = await signInSomebody();
  await giveRoles(store, tokens.user.id, ['user', 'careless']);
  t.equal((await me(tokens)).status, 200);

  await putRoles({ careless: { ...careless, secondFactor: 'required' } });

  t.equal((await me(tokens)).code, 'AUTH_SESSION_EXPIRED');
});

t.test(
  'rules that were wrong and are taken back cost no session that has not renewed meanwhile',
  async (t) => {
    const tokens = await signInSomebody();
    await giveRoles(store, tokens.user.id, ['user', 'careless']);
    await putRoles({ careless: { ...careless, secondFactor: 'required' } });
    t.equal((await me(tokens)).status, 401);

    await putRoles({ careless });

    t.equal((await me(tokens)).status, 200);
    t.equal((await renew(tokens.refresh_token)).status, 200);
  },
);

t.test('rules that are broken in Redis end no session', async (t) => {
  const { access_token: token, refresh_token: renewalToken } = await signInSomebody();
  const before = await store.redis.hgetall(rulesKey);
  await store.redis.hset(rulesKey, { version: 'broken', document: '{' });

  t.equal((await ask('GET', '/api/auth/me', { token })).status, 200);
  t.equal((await renew(renewalToken)).status, 200);
  await store.redis.hset(rulesKey, before);
});

t.test(
  'an admin keeps no power by a session without the second factor, whoever made the change',
  async (t) => {
    const admin = await signInOperator(stage);
    const { version } = expectStatus(await admin.ask('GET', '/rules'), 200).body.data;
    const document = {
      version,
      roles: { ...roles, guarded, admin: { permissions: ['*'], secondFactor: 'required', rules: [] } },
    };

    expectStatus(await admin.ask('PUT', '/rules', { body: document }), 200);

    isRefusal(t, await admin.ask('GET', '/accounts'), 'the admin API', 401);
    isRefusal(t, await me(admin), 'the own account', 401);
    const step = { body: { password: 'whatever it may be' }, token: admin.access_token };
    isRefusal(t, await ask('POST', '/api/auth/step-up', step), 'a step-up', 401);
  },
);

t.test(
  'a session that was opened with a second factor goes on, by an authenticator or a backup code',
  async (t) => {
    const enrolled = await enrol();
    const byCode = await completeSignIn(enrolled);
    const begun = expectStatus(await login(enrolled.person), 200).body.data;
    const passed = await verify(begun.temp_token, enrolled.backupCodes[0] ?? '');
    const byBackupCode = expectStatus(passed, 200).body.data as Tokens;

    await giveRoles(store, enrolled.uid, ['user', 'guarded']);

    t.same((await me(byCode)).body.data.permissions, ['products.view']);
    t.equal((await me(byBackupCode)).status, 200);
    t.equal((await renew(byCode.refresh_token)).status, 200);
    t.equal((await me(enrolled.tokens)).status, 401, 'the one that enrolled had not used it yet');
    t.ok(await codeOf(enrolled.secret));
  },
);
