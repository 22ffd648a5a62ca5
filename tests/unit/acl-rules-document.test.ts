import t from 'tap';
import { checkRulesDocument } from '../../services/core/acl/check-rules-document.ts';
import { compileRules, defaultRulesDocument } from '../../services/core/acl/rules.ts';

const rule = { effect: 'allow', access: ['read'], filter: 'a/#' };

t.test('a document without faults is passed as it is', async (t) => {
  const document = {
    version: '7',
    roles: { user: [rule, { ...rule, effect: 'deny', filter: 'a/secret' }], guest: [] },
    accounts: { Ann: [{ ...rule, access: ['write', 'subscribe'], filter: 'from/%u/%%' }] },
    devices: { 'lamp-1': [{ ...rule, filter: 'lamps/%d' }] },
  };

  t.strictSame(checkRulesDocument(document), { ok: true, document });
  t.equal(compileRules(document as never).version, '7');
});

t.test('the default document has no faults', async (t) => {
  t.equal(checkRulesDocument(defaultRulesDocument).ok, true);
});

t.test('all faults of a document are found at once, each with its path', async (t) => {
  const document = {
    version: 3,
    role: {},
    roles: {
      user: [
        rule,
        { ...rule, filter: 'a/#/b' },
        'allow all',
        { effect: 'permit', access: ['read', 'execute', 'read'], filter: 7, note: '' },
        { ...rule, effect: 'deny' },
        { ...rule, access: ['write', 'read'] },
        { effect: 'allow', access: [], filter: 'x/%q' },
      ],
      guest: null,
      'a role': [],
    },
    accounts: { ann: [], ANN: [], 'd:x': [] },
    devices: [],
  };

  const result = checkRulesDocument(document);

  t.strictSame(result, {
    ok: false,
    faults: [
      'role is not one of version, roles, accounts, devices',
      'version is not a string of 1 to 64 characters',
      'roles.user[1].filter is not a topic filter',
      'roles.user[2] is not an object',
      'roles.user[3].note is not one of effect, access, filter',
      'roles.user[3].effect is not one of allow, deny',
      'roles.user[3].access[1] is not one of read, write, subscribe',
      'roles.user[3].access[2] repeats roles.user[3].access[0]',
      'roles.user[3].filter is not a string',
      'roles.user[6].access is not a list of read, write, subscribe',
      'roles.user[6].filter holds "%q", which is none of %u, %c, %d and %% (a plain percent sign)',
      'roles.user[4] contradicts roles.user[0] for read',
      'roles.user[5] repeats roles.user[0] for read',
      'roles.guest is not a list of rules',
      'roles["a role"] has a name that nobody can have',
      'accounts["d:x"] has a name that nobody can have',
      'devices is not an object with lists of rules',
      'accounts.ANN is the same account as accounts.ann',
    ],
  });
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

    t.equal(checkRulesDocument(document).ok, true);
  },
);

t.test('what is no document is refused', async (t) => {
  for (const value of [undefined, null, 'rules', 7, [], () => 0]) {
    t.strictSame(checkRulesDocument(value), { ok: false, faults: ['the document is not an object'] });
  }
  t.strictSame(checkRulesDocument({}), {
    ok: false,
    faults: ['version is not a string of 1 to 64 characters', 'roles is not an object with lists of rules'],
  });
  t.equal(checkRulesDocument({ version: '1', roles: {} }).ok, true);
});

t.test('names from the object prototype are names like any other', async (t) => {
  const text = '{"version":"1","roles":{"__proto__":[{"effect":"allow","access":["read"],"filter":"a"}]}}';
  const hostile = '{"version":"1","roles":{},"__proto__":{"accounts":{}}}';

  const result = checkRulesDocument(JSON.parse(text));

  t.equal(result.ok && compileRules(result.document).roles.get('__proto__')?.length, 1);
  t.equal(result.ok && compileRules(result.document).roles.get('constructor'), undefined);
  t.strictSame(checkRulesDocument(JSON.parse(hostile)), {
    ok: false,
    faults: ['__proto__ is not one of version, roles, accounts, devices'],
  });
});

t.test('a list with more than 10,000 topic levels is refused', async (t) => {
  const listOf = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ ...rule, filter: `${index}/x` }));

  t.strictSame(checkRulesDocument({ version: '1', roles: { user: listOf(5001) } }), {
    ok: false,
    faults: ['roles.user has 10002 topic levels, more than 10000'],
  });
  t.equal(checkRulesDocument({ version: '1', roles: { user: listOf(5000) } }).ok, true);
});

t.test('a document that was never checked does not compile with a bad filter', async (t) => {
  const document = { version: '1', roles: { user: [{ ...rule, filter: 'a#' }] } };

  t.throws(() => compileRules(document as never), {
    name: 'TypeError',
    message: 'the filter is not a topic filter',
  });
});
