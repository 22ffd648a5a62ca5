import fc from 'fast-check';
import t from 'tap';
import {
  hasPermission,
  isSecondFactorRequired,
  permissionsOf,
} from '../../services/core/accounts/permissions.ts';
import { isPermission } from '../../services/core/acl/permission.ts';
import { compileRules, defaultRulesDocument } from '../../services/core/acl/rules.ts';

const rules = compileRules({
  version: '1',
  roles: {
    viewer: { permissions: ['products.view', 'orders.view'], rules: [] },
    clerk: { permissions: ['orders.view', 'orders.*'], rules: [] },
    boss: { permissions: ['*'], secondFactor: 'required', rules: [] },
  },
});

t.test('a permission is resource.action, resource.* or *', async (t) => {
  for (const text of ['products.view', 'a.b', 'a-b.C_1', 'orders.*', '*', `${'x'.repeat(64)}.y`]) {
    t.ok(isPermission(text), text);
  }
  const others = ['', 'a', 'a.', '.a', '*.a', '*.*', '**', 'a.b.c', 'a.b*', 'a.b ', 'a,b.c', 'é.a', 'a.b\n'];
  for (const text of [...others, `${'x'.repeat(65)}.y`]) t.notOk(isPermission(text), JSON.stringify(text));
});

t.test('what is needed is there by itself, by its resource or by *', async (t) => {
  const rows: [permissions: string[], needed: string, has: boolean][] = [
    [['products.view'], 'products.view', true],
    [['products.view'], 'products.edit', false],
    [['products.view'], 'Products.view', false],
    [['products.*'], 'products.edit', true],
    [['products.*'], 'productsx.edit', false],
    [['*'], 'anything.at-all', true],
    [[], 'products.view', false],
    [['products', 'view', '.*', '*.view', '*.*', ''], 'products.view', false],
  ];

  for (const [permissions, needed, has] of rows) {
    t.equal(hasPermission(permissions, needed), has, `${permissions.join(' ')} ${needed}`);
  }
});

t.test('an endpoint that asks for less than one action is a mistake of ours', async (t) => {
  for (const needed of ['*', 'a.*', 'a', '']) {
    t.throws(() => hasPermission(['*'], needed), { name: 'TypeError' }, needed);
  }
});

t.test('an account has the permissions of all its roles, each once', async (t) => {
  t.strictSame(permissionsOf(['viewer'], rules), ['products.view', 'orders.view']);
  t.strictSame(permissionsOf(['viewer', 'clerk'], rules), ['products.view', 'orders.*']);
  t.strictSame(permissionsOf(['clerk', 'boss', 'viewer'], rules), ['*']);
  t.strictSame(permissionsOf(['unknown', '__proto__', 'constructor'], rules), []);
  t.strictSame(permissionsOf([], rules), []);
});

t.test('rules that are broken permit nothing and demand a second factor', async (t) => {
  t.strictSame(permissionsOf(['boss', 'admin'], { broken: ['x'] }), []);
  t.equal(isSecondFactorRequired(['user'], { broken: ['x'] }), true);
});

t.test('by default an admin may do everything, and nobody needs a second factor', async (t) => {
  const byDefault = compileRules(defaultRulesDocument);

  t.strictSame(permissionsOf(['admin', 'user'], byDefault), ['*']);
  t.strictSame(permissionsOf(['user', 'device'], byDefault), []);
  t.equal(isSecondFactorRequired(['admin', 'user'], byDefault), false);
});

t.test('a second factor is required as soon as one role requires it', async (t) => {
  t.equal(isSecondFactorRequired(['viewer', 'boss'], rules), true);
  t.equal(isSecondFactorRequired(['viewer', 'clerk', 'unknown'], rules), false);
});

t.test('leaving out what is included never changes what an account may do', async (t) => {
  const word = fc.constantFrom('a', 'b', 'c');
  const permission = fc.oneof(
    { weight: 1, arbitrary: fc.constant('*') },
    { weight: 9, arbitrary: fc.tuple(word, fc.constantFrom('a', 'b', '*')).map((pair) => pair.join('.')) },
  );
  const roles = fc.array(fc.array(permission, { maxLength: 4 }), { minLength: 1, maxLength: 3 });

  fc.assert(
    fc.property(roles, word, word, (lists, resource, action) => {
      const document = Object.fromEntries(
        lists.map((permissions, index) => [`r${index}`, { permissions, rules: [] }]),
      );
      const compiled = compileRules({ version: '1', roles: document });
      const needed = `${resource}.${action}`;
      const united = permissionsOf(Object.keys(document), compiled);

      return hasPermission(united, needed) === hasPermission(lists.flat(), needed);
    }),
    { numRuns: 2000 },
  );
  t.pass('2,000 generated accounts');
});
