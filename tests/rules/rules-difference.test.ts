import t from 'tap';
import { checkRulesDocument } from '../../services/core/acl/check-rules-document.ts';
import type { RulesDocument } from '../../services/core/acl/rules.ts';
import { findRulesDifference } from '../../services/core/rules/rules-difference.ts';
import { cpuMs } from '../support/cpu-time.ts';

/** The difference as text. */
function difference(before: object, after: object): string[] {
  return findRulesDifference(document(before), document(after)).flatMap(({ sign, text, lines }) => [
    `${sign} ${text}`,
    ...lines.map((line) => `  ${line.sign} ${line.text}`),
  ]);
}

function document(members: object): RulesDocument {
  const checked = checkRulesDocument({ version: '1', roles: {}, ...members });
  if (!checked.ok) throw new Error(checked.faults.map(({ sentence }) => sentence).join());
  return checked.document;
}

t.test('roles, accounts and devices that come and go are shown with all that they have', async (t) => {
  const before = {
    roles: { old: { permissions: ['a.b'], secondFactor: 'required', rules: [allow('x')] }, same: [] },
    devices: { lamp: [allow('y')] },
  };
  const after = { roles: { same: [], new: [allow('z')] }, accounts: { 'a.b': [] } };

  t.strictSame(difference(before, after), [
    '- roles.old',
    '  - permission a.b',
    '  - second factor required',
    '  - allow read on x',
    '+ roles.new',
    '  + allow read on z',
    '+ accounts["a.b"]',
    '- devices.lamp',
    '  - allow read on y',
  ]);
});

t.test('what changes inside a role is shown line by line', async (t) => {
  const before = {
    roles: { user: { permissions: ['a.b', 'c.d'], rules: [allow('x'), allow('y'), deny('z', 'write')] } },
  };
  const after = {
    roles: {
      user: {
        permissions: ['c.d', 'e.*'],
        secondFactor: 'required',
        rules: [allow('x'), allow('y', 'read', 'write'), deny('x', 'write'), allow('z')],
      },
    },
  };

  t.strictSame(difference(before, after), [
    '~ roles.user',
    '  - permission a.b',
    '  + permission e.*',
    '  + second factor required',
    '  - deny write on z',
    '  ~ allow read, write on y (was read)',
    '  + deny write on x',
    '  + allow read on z',
  ]);
});

t.test('what only looks different is none, and another order is said to be one', async (t) => {
  const rules = [allow('x', 'read', 'write'), deny('y')];

  t.strictSame(difference({ roles: { a: rules, b: [] } }, { roles: { b: {}, a: { rules } } }), []);
  t.strictSame(
    difference(
      { roles: { a: [allow('x', 'read', 'write')] } },
      { roles: { a: [allow('x', 'write', 'read')] } },
    ),
    [],
  );
  t.strictSame(difference({ roles: { a: rules } }, { roles: { a: rules.toReversed() } }), [
    '~ roles.a',
    '  ~ the order of the rules',
  ]);
});

t.test('rules of one effect and filter are matched one by one', async (t) => {
  const before = { roles: { a: [allow('x'), allow('x', 'write')] } };
  const after = { roles: { a: [allow('x', 'read', 'subscribe'), allow('x', 'write')] } };

  t.strictSame(difference(before, after), ['~ roles.a', '  ~ allow read, subscribe on x (was read)']);
  t.strictSame(difference(before, { roles: { a: [allow('x', 'write', 'read')] } }), [
    '~ roles.a',
    '  - allow write on x',
    '  ~ allow write, read on x (was read)',
  ]);
});

t.test('the difference of two large lists takes no second', async (t) => {
  const listOf = (prefix: string) => Array.from({ length: 3000 }, (_, index) => allow(`${prefix}${index}`));
  const before = document({ roles: { a: listOf('x') } });
  const after = document({ roles: { a: listOf('y') } });
  const startMs = cpuMs();

  t.equal(findRulesDifference(before, after)[0]?.lines.length, 6000);

  t.ok(cpuMs() - startMs < 1000);
});

function allow(filter: string, ...access: string[]): object {
  return { allow: access.length === 0 ? ['read'] : access, filter };
}

function deny(filter: string, ...access: string[]): object {
  return { deny: access.length === 0 ? ['read'] : access, filter };
}
