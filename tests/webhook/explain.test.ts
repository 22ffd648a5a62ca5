import fc from 'fast-check';
import t from 'tap';
import type { Rule } from '../../services/core/acl/rules.ts';
import { explain } from '../../services/core/check/explain.ts';
import { denialReasons } from '../../services/core/check/reasons.ts';
import { createRulesSource } from '../../services/core/check/rules-source.ts';
import { openStore, untilReady } from '../../services/core/redis/store.ts';
import { sessionKey } from '../../services/core/redis/keys.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { startWebhookStage, type SignedIn } from '../support/webhook-service.ts';

const stage = await startWebhookStage(t, { settings: { webhook: { BROKER_URLS: '' } } });
const { store } = stage;

/** As the CLI opens it. */
const cli = openStore({ url: stage.stack.redisUrl('cli'), commandTimeoutMs: 2000 });
await untilReady(cli, 5000);
t.teardown(() => cli.close());
const sources = { store: cli, rules: createRulesSource(cli) };

const names = ['alice', 'bob', 'Carol'];
const accessNames = { read: 1, write: 2, subscribe: 4 } as const;

t.test('explain gives the very decision of the webhook, for thousands of generated checks', async (t) => {
  const sessions = await prepareSessions();
  const level = fc.constantFrom('a', 'b', 'users', ...names, '+', '#', '', '$SYS', '$share', '%u', 'é', '\0');
  const anyTopic = fc.array(level, { maxLength: 5 }).map((levels) => levels.join('/'));
  const topic = fc.oneof(
    anyTopic,
    fc.constantFrom(
      'a/b',
      'a/+',
      'a/#',
      '#',
      'users/alice/x',
      'users/alice/#',
      'users/+/x',
      '$share/g/a/+',
      'x/b/y',
    ),
  );
  const own = fc.constantFrom(...sessions).map(({ username, sid }) => ({ username, clientId: sid }));
  const strange = fc.record({
    username: fc.constantFrom(...names, 'ALICE', 'nobody', '', 'd:sensor', 'k:kick', 'a/b'),
    clientId: fc.constantFrom(
      ...sessions.flatMap(({ sid }) => [`${sid}-tab`, `${sid}-`, sid.toLowerCase()]),
      'x',
      '',
    ),
  });
  const who = fc.oneof({ arbitrary: own, weight: 4 }, strange);
  const what = fc.record({ topic, access: fc.constantFrom('read', 'write', 'subscribe') });
  const check = fc.tuple(who, what).map(([names, asked]) => ({ ...names, ...asked }));
  const rule: fc.Arbitrary<Rule> = fc.record({
    effect: fc.constantFrom('allow', 'deny'),
    access: fc.uniqueArray(fc.constantFrom('read', 'write', 'subscribe'), { minLength: 1 }),
    filter: fc.constantFrom('users/%u/#', '#', 'a/+', '+/b/#', '%c/#', 'a/b', '$SYS/#', '%d/x', 'a/%u'),
  });
  const role = fc
    .uniqueArray(rule, { maxLength: 3, selector: ({ filter }) => filter })
    .map((rules) => ({ permissions: [], rules }));
  const rules = fc.record({ user: role, operator: role });
  let version = '0';
  const seen = new Map<string, number>();

  await fc.assert(
    fc.asyncProperty(rules, fc.array(check, { minLength: 20, maxLength: 60 }), async (roles, checks) => {
      ({ version } = await replaceRules(store, { version, roles }, { actor: 'test' }));
      for (const { username, clientId, topic, access } of checks) {
        const acc = accessNames[access as keyof typeof accessNames];
        const answer = await stage.askAcl({ username, clientid: clientId, topic, acc });
        const explained = await explain(sources, { username, clientId, topic, access });
        if (explained.granted !== (answer.status === 200) || explained.reason !== answer.reason) {
          throw new Error(
            `${JSON.stringify({ username, clientId, topic, access })}: ${answer.reason}, ${explained.reason}`,
          );
        }
        const verdict = explained.reason ?? 'granted';
        seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
      }
    }),
    { numRuns: 60 },
  );

  t.comment(JSON.stringify(Object.fromEntries(seen)));
  for (const verdict of [
    'granted',
    'no-rule-allows',
    'denied-by-rule',
    'filter-not-covered',
    'session-revoked',
  ] as const) {
    t.ok(seen.get(verdict), `${verdict} was among them`);
  }
});

t.test('an explanation names the session state, the roles, the rule and a sentence for each', async (t) => {
  await store.redis.del('bn:{rules}:current');
  const dora = await stage.signIn({ username: 'dora' });
  const check = {
    username: 'dora',
    clientId: dora.clientId,
    topic: 'users/dora/x',
    access: 'write',
  } as const;

  const granted = await explain(sources, check);
  t.match(granted, {
    granted: true,
    rulesVersion: '0',
    rule: { holder: 'role', name: 'user', index: 0, filter: 'users/%u/#' },
    session: { sid: dora.sid, username: 'dora', state: 'active', roles: ['user'] },
  });
  t.match(granted.sentences.join(' '), /Granted: write .* rule 1 of role user/);

  await stage.revoke(dora);
  const denied = await explain(sources, check);
  t.match(denied, {
    granted: false,
    reason: 'session-revoked',
    session: { endReason: 'test', endActor: 'operator' },
  });
  t.ok(denied.sentences.includes(denialReasons['session-revoked']));
  t.match(denied.sentences.join(' '), /ended by operator \(test\)/);

  const unknown = await explain(sources, { ...check, clientId: 'x'.repeat(22) });
  t.match(unknown, { granted: false, reason: 'session-unknown', session: undefined });
});

t.test('explaining notes no connection and changes nothing', async (t) => {
  const emil = await stage.signIn();
  const before = await store.redis.dbsize();

  await explain(sources, { username: emil.username, clientId: emil.clientId, topic: 'a', access: 'read' });

  t.equal(await store.redis.dbsize(), before);
});

/** Sessions of each kind: live with other roles, revoked, pending, lapsed, of an unknown state. */
async function prepareSessions(): Promise<SignedIn[]> {
  const live = await Promise.all(names.map((username) => stage.signIn({ username })));
  const [alice, bob] = live as [SignedIn, SignedIn];
  const operator = await stage.signInAgain(alice);
  const revoked = await stage.signInAgain(alice);
  const pending = await stage.signInAgain(bob);
  const lapsed = await stage.signInAgain(bob);
  await store.redis.hset(sessionKey(operator.sid), 'roles', 'user,operator');
  await stage.revoke(revoked);
  await store.redis.hset(sessionKey(pending.sid), 'pending', 'terms');
  await store.redis.hset(sessionKey(lapsed.sid), 'accessUntilMs', Date.now() - 10_000);
  return [...live, operator, revoked, pending, lapsed];
}
