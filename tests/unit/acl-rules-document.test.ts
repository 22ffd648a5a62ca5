import t from 'tap';
import { checkRulesDocument } from '../../services/core/acl/check-rules-document.ts';
import { describeFault } from '../../services/core/acl/rules-fault.ts';
import { compileRules, defaultRulesDocument } from '../../services/core/acl/rules.ts';

const rule = { effect: 'allow', access: ['read'], filter: 'a/#' };
const short = { allow: ['read'], filter: 'a/#' };

/** The faults of a document as sentences; none if it is sound. */
const faultsOf = (document: unknown) => {
  const checked = checkRulesDocument(document);
  return checked.ok ? [] : checked.faults.map(describeFault);
};

t.test('a document without faults is passed as it is', async (t) => {
  const document = {
    version: '7',
    roles: {
      user: { permissions: [], rules: [rule, { ...rule, effect: 'deny', filter: 'a/secret' }] },
      manager: { permissions: ['orders.view', 'stock.*'], secondFactor: 'required', rules: [] },
      admin: { permissions: ['*'], rules: [] },
    },
    accounts: { Ann: [{ ...rule, access: ['write', 'subscribe'], filter: 'from/%u/%%' }] },
    devices: { 'lamp-1': [{ ...rule, filter: 'lamps/%d' }] },
  };

  t.strictSame(checkRulesDocument(document), { ok: true, document });
  t.equal(compileRules(document as never).version, '7');
});

t.test('the default document has no faults', async (t) => {
  t.strictSame(checkRulesDocument(defaultRulesDocument), { ok: true, document: defaultRulesDocument });
});

t.test('a rule has a short form, and a role may be a list of rules or leave things out', async (t) => {
  const document = {
    version: '1',
    roles: { user: [short, { deny: ['write'], filter: 'a/b' }], empty: {}, reader: { permissions: ['a.b'] } },
    accounts: { ann: [short] },
    devices: { lamp: [short, rule].slice(0, 1) },
  };

  t.strictSame(checkRulesDocument(document), {
    ok: true,
    document: {
      version: '1',
      roles: {
        user: { permissions: [], rules: [rule, { effect: 'deny', access: ['write'], filter: 'a/b' }] },
        empty: { permissions: [], rules: [] },
        reader: { permissions: ['a.b'], rules: [] },
      },
      accounts: { ann: [rule] },
      devices: { lamp: [rule] },
    },
  });
});

t.test('all faults of a document are found at once, each with its path', async (t) => {
  const document = {
    version: 3,
    role: {},
    roles: {
      user: {
        permission: ['*'],
        secondFactor: 'optional',
        rules: [
          rule,
          { ...rule, filter: 'a/#/b' },
          'allow all',
          { effect: 'permit', access: ['read', 'execute', 'read'], filter: 7, note: '' },
          { ...rule, effect: 'deny' },
          { ...rule, access: ['write', 'read'] },
          { effect: 'allow', access: [], filter: 'x/%q' },
          { allow: ['read'], deny: ['write'], filter: 'y' },
          { allow: ['all'], access: ['read'], filter: 'z' },
          { filter: 'w', alow: ['read'] },
          { deny: 'read', filter: null },
        ],
      },
      guest: null,
      'a role': [],
      clerk: { permissions: ['a.b', 'a', 'a.b', true, '*.b', 'a.b.c'], rules: {} },
      other: { permissions: '*' },
    },
    accounts: { ann: [], ANN: [], 'd:x': [] },
    devices: [],
  };

  t.strictSame(faultsOf(document), [
    'role is not one of version, roles, accounts, devices',
    'version is 3 and not a string: put it in quotes',
    'roles.user.permission is not one of permissions, secondFactor, rules',
    'roles.user.secondFactor is not required, the one thing it can be',
    'roles.user.rules[1].filter is not a topic filter',
    'roles.user.rules[2] is not a rule',
    'roles.user.rules[3].note is not one of effect, access, filter',
    'roles.user.rules[3].effect is not one of allow, deny',
    'roles.user.rules[3].access[1] is not one of read, write, subscribe',
    'roles.user.rules[3].access[2] repeats roles.user.rules[3].access[0]',
    'roles.user.rules[3].filter is 7 and not a string: put it in quotes',
    'roles.user.rules[6].access is not a list of read, write, subscribe',
    'roles.user.rules[6].filter holds "%q", which is none of %u, %c, %d and %% (a plain percent sign)',
    'roles.user.rules[7] has both allow and deny',
    'roles.user.rules[8].access is not one of allow, deny, filter',
    'roles.user.rules[8].allow[0] is not one of read, write, subscribe',
    'roles.user.rules[9] has neither allow nor deny',
    'roles.user.rules[9].alow is not one of allow, deny, filter',
    'roles.user.rules[10].deny is not a list of read, write, subscribe',
    'roles.user.rules[10].filter is null and not a string: put it in quotes',
    'roles.user.rules[4] contradicts roles.user.rules[0] for read',
    'roles.user.rules[5] repeats roles.user.rules[0] for read',
    'roles.guest is neither a list of rules nor a role with permissions, secondFactor, rules',
    'roles["a role"] has a name that nobody can have',
    'roles.clerk.permissions[1] is not resource.action, resource.* or *',
    'roles.clerk.permissions[2] repeats roles.clerk.permissions[0]',
    'roles.clerk.permissions[3] is true and not a string: put it in quotes',
    'roles.clerk.permissions[4] is not resource.action, resource.* or *',
    'roles.clerk.permissions[5] is not resource.action, resource.* or *',
    'roles.clerk.rules is not a list of rules',
    'roles.other.permissions is not a list of permissions',
    'accounts["d:x"] has a name that nobody can have',
    'devices is not an object with the names of devices',
    'accounts.ANN is the same account as accounts.ann',
  ]);
});

t.test(
  'one filter may be allowed for one access and denied for another, or treated differently by two roles',
  async (t) => {
    const document = {
      version: '1',
      roles: {
        user: [rule, { ...rule, effect: 'deny', access: ['write'] }, { ...rule, access: ['subscribe'] }],
        guest: [{ ...rule, effect: 'deny' }],
      },
    };

    t.strictSame(faultsOf(document), []);
    t.strictSame(faultsOf({ ...document, roles: { user: [short, { deny: ['read'], filter: 'a/#' }] } }), [
      'roles.user[1] contradicts roles.user[0] for read',
    ]);
  },
);

t.test('what is no document is refused', async (t) => {
  for (const value of [undefined, null, 'rules', 7, [], () => 0]) {
    t.strictSame(faultsOf(value), ['the document is not an object']);
  }
  t.strictSame(faultsOf({}), ['version is not a string', 'roles is not an object with the names of roles']);
  t.strictSame(faultsOf({ version: '', roles: {} }), ['version has not 1 to 64 characters']);
  t.strictSame(faultsOf({ version: '1', roles: {} }), []);
});

t.test('names from the object prototype are names like any other', async (t) => {
  const text = '{"version":"1","roles":{"__proto__":[{"allow":["read"],"filter":"a"}]}}';
  const hostile = '{"version":"1","roles":{},"__proto__":{"accounts":{}}}';

  const result = checkRulesDocument(JSON.parse(text));

  t.equal(result.ok && compileRules(result.document).roles.get('__proto__')?.rules.length, 1);
  t.equal(result.ok && compileRules(result.document).roles.get('constructor'), undefined);
  t.strictSame(faultsOf(JSON.parse(hostile)), ['__proto__ is not one of version, roles, accounts, devices']);
});

t.test('a list with more than 10,000 topic levels is refused', async (t) => {
  const listOf = (count: number) =>
    Array.from({ length: count }, (_, index) => `${index}/${'x/'.repeat(98)}`);
  const documentOf = (count: number) => ({
    version: '1',
    roles: { user: listOf(count).map((filter) => ({ allow: ['read'], filter })) },
  });

  t.strictSame(faultsOf(documentOf(101)), ['roles.user has 10100 topic levels, more than 10000']);
  t.strictSame(faultsOf(documentOf(100)), []);
});

t.test('a document of more than 262,144 bytes or 10,000 rules is refused', async (t) => {
  const roleOf = (count: number, filter = 'x') =>
    Array.from({ length: count }, (_, index) => ({ allow: ['read'], filter: filter + index }));
  const bytesOf = (document: object) => {
    const checked = checkRulesDocument(document);
    return checked.ok ? Buffer.byteLength(JSON.stringify(checked.document)) : 0;
  };
  const document = { version: '1', roles: { user: [{ allow: ['read'], filter: 'x' }], b: roleOf(4500) } };
  const room = 262_144 - bytesOf(document);
  const full = { ...document, roles: { ...document.roles, user: roleOf(1, 'x'.repeat(room)) } };

  t.strictSame(faultsOf({ version: '1', roles: { a: roleOf(5001), b: roleOf(5000) } }), [
    'the document has 537925 bytes, more than 262144',
    'the document has 10001 rules, more than 10000',
  ]);
  t.equal(bytesOf(full), 262_144);
  t.strictSame(faultsOf({ ...full, version: '10' }), ['the document has 262145 bytes, more than 262144']);
});

t.test('permissions that an access token could not carry are refused', async (t) => {
  const permissions = Array.from({ length: 100 }, (_, index) => `res${index}.view-all-of-it`);
  const roles = { a: { permissions: permissions.slice(0, 60) }, b: { permissions: permissions.slice(40) } };
  const wide = { a: roles.a, b: { permissions: [...permissions.slice(60, 70), '*'] } };

  t.strictSame(faultsOf({ version: '1', roles }), [
    'roles have 2291 characters of permissions together, more than 1600: use resource.*',
  ]);
  t.strictSame(faultsOf({ version: '1', roles: { a: roles.a } }), []);
  t.strictSame(faultsOf({ version: '1', roles: wide }), []);
});

t.test('a document that was never checked does not compile with a bad filter', async (t) => {
  const document = { version: '1', roles: { user: { permissions: [], rules: [{ ...rule, filter: 'a#' }] } } };

  t.throws(() => compileRules(document as never), {
    name: 'TypeError',
    message: 'the filter is not a topic filter',
  });
});
