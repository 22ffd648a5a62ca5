import t from 'tap';
import type { Test } from 'tap';
import { decideAcl } from '../../services/core/acl/decide-acl.ts';
import type { AclDecision, Subject } from '../../services/core/acl/decide-acl.ts';
import { compileRules, defaultRulesDocument } from '../../services/core/acl/rules.ts';
import type { Access, Rule, RulesDocument } from '../../services/core/acl/rules.ts';

const ann: Subject = { username: 'ann', clientId: 'Ab3-1', roles: ['user'] };
const lamp: Subject = { username: 'd:lamp', clientId: 'lamp.2', deviceId: 'lamp', roles: ['thing'] };
const every: Access[] = ['read', 'write', 'subscribe'];
type Row = [access: Access, topic: string, outcome: string];

t.test('by default an account has the topics below its own name, and nothing else', async (t) => {
  expectAll(t, defaultRulesDocument, ann, [
    ['read', 'users/ann/x', 'role user 0'],
    ['write', 'users/ann', 'role user 0'],
    ['subscribe', 'users/ann/#', 'role user 0'],
    ['subscribe', 'users/ann/+/x', 'role user 0'],
    ['subscribe', '$share/g/users/ann/x', 'role user 0'],
    ['read', 'users/bob/x', 'no-rule-allows'],
    ['write', 'users/anna', 'no-rule-allows'],
    ['write', 'users/%u/x', 'no-rule-allows'],
    ['subscribe', 'users/bob/#', 'no-rule-allows'],
    ['subscribe', 'users/+/#', 'filter-not-covered role user 0'],
    ['subscribe', '#', 'filter-not-covered role user 0'],
    ['subscribe', '$SYS/#', 'no-rule-allows'],
    ['read', '$SYS/broker/uptime', 'no-rule-allows'],
  ]);
});

t.test('a role that is not held or not in the document grants nothing', async (t) => {
  const rows: Row[] = [['read', 'users/ann/x', 'no-rule-allows']];

  expectAll(t, defaultRulesDocument, { ...ann, roles: [] }, rows);
  expectAll(t, defaultRulesDocument, { ...ann, roles: ['admin', '__proto__', 'constructor'] }, rows);
  expectAll(t, defaultRulesDocument, { ...ann, roles: ['admin', 'user'] }, [
    ['read', 'users/ann/x', 'role user 0'],
  ]);
});

t.test('a deny rule wins over an allow rule wherever it stands', async (t) => {
  const document = withRoles({
    user: [allow('a/#'), deny('a/secret/#')],
    guest: [allow('a/secret/door'), deny('a/+/key')],
  });

  expectAll(t, document, { ...ann, roles: ['guest', 'user'] }, [
    ['read', 'a/x', 'role user 0'],
    ['write', 'a/secret', 'denied-by-rule role user 1'],
    ['read', 'a/secret/door', 'denied-by-rule role user 1'],
    ['read', 'a/x/key', 'denied-by-rule role guest 1'],
    ['subscribe', 'a/x/+', 'denied-by-rule role guest 1'],
    ['subscribe', 'a/x/y', 'role user 0'],
    ['subscribe', 'a/#', 'denied-by-rule role guest 1'],
    ['subscribe', 'a/+', 'denied-by-rule role user 1'],
    ['subscribe', 'a/x', 'role user 0'],
  ]);
});

t.test('a rule speaks of its own accesses only', async (t) => {
  const document = withRoles({
    user: [allow('a/#'), deny('a/in', ['read']), deny('a/out', ['write']), deny('a/live', ['subscribe'])],
  });

  expectAll(t, document, ann, [
    ['read', 'a/in', 'denied-by-rule role user 1'],
    ['write', 'a/in', 'role user 0'],
    ['subscribe', 'a/in', 'role user 0'],
    ['read', 'a/out', 'role user 0'],
    ['write', 'a/out', 'denied-by-rule role user 2'],
    ['read', 'a/live', 'role user 0'],
    ['subscribe', 'a/live', 'denied-by-rule role user 3'],
    ['subscribe', 'a/+', 'denied-by-rule role user 3'],
  ]);
});

t.test('a subscription may be covered by several rules together', async (t) => {
  const document = withRoles({
    user: [allow('a'), allow('a/+/#', ['subscribe'])],
    guest: [allow('a/+/+/#')],
  });

  expectAll(t, document, ann, [
    ['subscribe', 'a/#', 'role user 1'],
    ['read', 'a/x', 'no-rule-allows'],
  ]);
  expectAll(t, document, { ...ann, roles: ['guest'] }, [
    ['subscribe', 'a/#', 'filter-not-covered role guest 0'],
  ]);
});

t.test('topics of the broker need a rule that names them', async (t) => {
  const everything = withRoles({ user: [allow('#'), allow('+/broker/#')], guest: [allow('$SYS/#')] });

  expectAll(t, everything, ann, [
    ['read', '$SYS/broker/x', 'no-rule-allows'],
    ['subscribe', '$SYS/#', 'no-rule-allows'],
    ['subscribe', '$SYS/broker/x', 'no-rule-allows'],
    ['subscribe', '#', 'role user 0'],
  ]);
  expectAll(t, everything, { ...ann, roles: ['guest'] }, [
    ['read', '$SYS/broker/x', 'role guest 0'],
    ['subscribe', '$SYS/#', 'role guest 0'],
    ['subscribe', '#', 'no-rule-allows'],
  ]);
});

t.test('a share is decided by its filter', async (t) => {
  const document = withRoles({ user: [allow('a/#'), deny('a/secret')] });

  expectAll(t, document, ann, [
    ['subscribe', '$share/g/a/#', 'denied-by-rule role user 1'],
    ['subscribe', '$share/g/a/b', 'role user 0'],
    ['subscribe', '$share/a/b', 'no-rule-allows'],
    ['subscribe', '$share/g/$SYS/#', 'no-rule-allows'],
    ['subscribe', '$share/g/$share/g/a/b', 'no-rule-allows'],
  ]);
});

t.test('malformed topics, filters and shares are refused before any rule is asked', async (t) => {
  const document = withRoles({ user: [allow('#'), allow('$share-like/#')] });
  const tooLong = 'x'.repeat(65_536);

  expectAll(t, document, ann, [
    ['read', 'a/+', 'topic-malformed'],
    ['write', '#', 'topic-malformed'],
    ['write', '', 'topic-malformed'],
    ['read', 'a\0', 'topic-malformed'],
    ['read', tooLong, 'topic-malformed'],
    ['subscribe', '', 'filter-malformed'],
    ['subscribe', 'a/#/b', 'filter-malformed'],
    ['subscribe', 'a+', 'filter-malformed'],
    ['subscribe', tooLong, 'filter-malformed'],
    ['subscribe', '$share/g/a#', 'filter-malformed'],
    ['subscribe', '$share/g\0/a', 'filter-malformed'],
    ['subscribe', '$share/g', 'share-malformed'],
    ['subscribe', '$share//a', 'share-malformed'],
    ['subscribe', '$share/+/a', 'share-malformed'],
    ['subscribe', '$share/g/', 'share-malformed'],
    ['read', 'a/b', 'role user 0'],
    ['subscribe', 'a/+', 'role user 0'],
    ['subscribe', '$share/g/a', 'role user 0'],
  ]);
});

t.test("an account's own rules come before its roles', in whatever case its name is written", async (t) => {
  const document = { ...withRoles({ user: [allow('a/#')] }), accounts: { Ann: [allow('a/b'), deny('a/c')] } };

  expectAll(t, document, ann, [
    ['read', 'a/b', 'account Ann 0'],
    ['read', 'a/c', 'denied-by-rule account Ann 1'],
    ['read', 'a/d', 'role user 0'],
  ]);
  expectAll(t, document, { ...ann, username: 'ANN' }, [['read', 'a/b', 'account Ann 0']]);
  expectAll(t, document, { ...ann, username: 'bob' }, [['read', 'a/c', 'role user 0']]);
});

t.test('a device has its own rules and never those of an account', async (t) => {
  const document = {
    ...withRoles({ thing: [allow('state/%d'), deny('%d/+/%u')] }),
    accounts: { lamp: [allow('#')] },
    devices: { lamp: [allow('lamp/#')] },
  };

  expectAll(t, document, lamp, [
    ['write', 'lamp/on', 'device lamp 0'],
    ['write', 'state/lamp', 'role thing 0'],
    ['write', 'state/heater', 'no-rule-allows'],
    ['write', 'lamp/x/d:lamp', 'denied-by-rule role thing 1'],
  ]);
  expectAll(t, document, { ...ann, roles: ['thing'] }, [['write', 'state/lamp', 'no-rule-allows']]);
  expectAll(t, document, { username: 'lamp', clientId: 'c', roles: [] }, [
    ['write', 'state/lamp', 'account lamp 0'],
  ]);
});

t.test('a rule on %d does not touch a subject that is no device', async (t) => {
  const document = withRoles({ user: [allow('#'), deny('devices/%d/#'), allow('%d/#')] });

  expectAll(t, document, ann, [['read', 'devices/lamp/x', 'role user 0']]);
  expectAll(t, document, { ...lamp, roles: ['user'] }, [
    ['read', 'devices/lamp/x', 'denied-by-rule role user 1'],
  ]);
});

t.test('a hostile name gains nothing from an allow rule and loses everything to a deny rule', async (t) => {
  const allowing = withRoles({ user: [allow('users/%u/#'), allow('%c/#'), allow('open/#')] });
  const denying = withRoles({
    user: [allow('#'), deny('users/%u/#', ['read', 'subscribe']), deny('%u', ['read'])],
  });

  for (const hostile of ['#', '+', 'ann/#', '', 'a\0', '$SYS']) {
    const subject = { ...ann, username: hostile, clientId: hostile };
    expectAll(t, allowing, subject, [
      ['read', 'users/ann/x', 'no-rule-allows'],
      ['read', '$SYS/x', 'no-rule-allows'],
      ['subscribe', 'users/#', 'no-rule-allows'],
      ['read', 'open/x', 'role user 2'],
    ]);
    expectAll(t, denying, subject, [
      ['read', 'x', 'denied-by-rule role user 1'],
      ['subscribe', 'x', 'denied-by-rule role user 1'],
      ['write', 'x', 'role user 0'],
    ]);
  }
  expectAll(t, denying, ann, [['read', 'x', 'role user 0']]);
});

t.test('the rule behind a decision is told with its filter as written', async (t) => {
  const decision = decideAcl(compileRules(defaultRulesDocument), ann, { access: 'read', topic: 'users/ann' });

  t.strictSame(decision, {
    granted: true,
    rule: { holder: 'role', name: 'user', index: 0, filter: 'users/%u/#' },
  });
});

function expectAll(t: Test, document: RulesDocument, subject: Subject, rows: readonly Row[]): void {
  const compiled = compileRules(document);
  for (const [access, topic, outcome] of rows) {
    const told = JSON.stringify(topic.slice(0, 40));
    t.equal(tell(decideAcl(compiled, subject, { access, topic })), outcome, `${access} ${told}: ${outcome}`);
  }
}

/** A decision in a few words: the reason if it was denied, then the rule. */
function tell(decision: AclDecision): string {
  const rule = decision.rule && `${decision.rule.holder} ${decision.rule.name} ${decision.rule.index}`;
  return [decision.granted ? undefined : decision.reason, rule].filter(Boolean).join(' ');
}

function withRoles(lists: Record<string, Rule[]>): RulesDocument {
  const roles = Object.entries(lists).map(([name, rules]) => [name, { permissions: [], rules }] as const);
  return { version: '1', roles: Object.fromEntries(roles) };
}

function allow(filter: string, access = every): Rule {
  return { effect: 'allow', access, filter };
}

function deny(filter: string, access = every): Rule {
  return { effect: 'deny', access, filter };
}
