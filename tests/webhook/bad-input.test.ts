import fc from 'fast-check';
import t from 'tap';
import { startWebhookStage, type Asked } from '../support/webhook-service.ts';

const stage = await startWebhookStage(t);
const alice = await stage.signIn({ username: 'alice' });
const user = { username: 'alice', password: alice.token, clientid: alice.clientId };
const acl = { username: 'alice', clientid: alice.clientId, topic: 'users/alice/x', acc: 2 };
const megabyte = 'a'.repeat(1_000_000);

type Row = [name: string, asked: Asked, status: number, reason: string];

const bodies: Row[] = [
  ['no body', {}, 400, 'field-missing'],
  ['null', { body: 'null' }, 400, 'field-missing'],
  ['an empty object', { body: '{}' }, 400, 'field-missing'],
  ['an array', { body: '[]' }, 400, 'body-malformed'],
  ['a number', { body: '1' }, 400, 'body-malformed'],
  ['a string', { body: '"x"' }, 400, 'body-malformed'],
  ['half an object', { body: '{"username":"alice"' }, 400, 'body-malformed'],
  ['text behind the object', { body: `${JSON.stringify(user)}x` }, 400, 'body-malformed'],
  ['a byte order mark', { body: `\uFEFF${JSON.stringify(user)}` }, 400, 'body-malformed'],
  ['bytes that are not UTF-8', { body: latin1('{"username":"al\xefce"}') }, 400, 'body-not-utf8'],
  ['an overlong UTF-8 sequence', { body: latin1('{"username":"\xc0\xaf"}') }, 400, 'body-not-utf8'],
  ['17 KiB', { body: JSON.stringify({ ...user, x: 'a'.repeat(17_000) }) }, 413, 'body-too-large'],
  ['1 MB', { body: JSON.stringify({ ...user, x: megabyte }) }, 413, 'body-too-large'],
  ['3 MB', { body: JSON.stringify({ ...user, x: megabyte.repeat(3) }) }, 413, 'body-too-large'],
  ['a form as JSON', { body: 'username=alice&password=x&clientid=c' }, 400, 'body-malformed'],
  ['JSON as a form', form(JSON.stringify(user)), 400, 'field-missing'],
  ['a form with broken escapes', form('username=%zz&password=x&clientid=c'), 400, 'body-malformed'],
  ['a form with bytes that are not UTF-8', form('username=%ff&password=x&clientid=c'), 400, 'body-malformed'],
  [
    'a form with a field twice',
    form('username=alice&username=bob&password=x&clientid=c'),
    400,
    'field-duplicate',
  ],
  ['a field twice', { body: '{"username":"alice","username":"bob"}' }, 400, 'field-duplicate'],
  [
    'a field twice, once escaped',
    { body: '{"username":"alice","user\\u006eame":"bob"}' },
    400,
    'field-duplicate',
  ],
  [
    'a content type that is none',
    { body: '{}', headers: { 'content-type': '\u00a7/;' } },
    400,
    'request-malformed',
  ],
  ['__proto__ as field', { body: '{"__proto__":"x","constructor":"y"}' }, 400, 'field-missing'],
];

for (const path of ['/user', '/acl']) {
  for (const [name, asked, status, reason] of bodies) {
    t.test(`${path} refuses ${name}`, async (t) => {
      const answer = await stage.ask(path, asked);

      t.equal(answer.status, status);
      t.equal(answer.reason, reason);
    });
  }
}

const wrongTypes: unknown[] = [null, true, 1, 1.5, {}, [], { $gt: '' }, ['alice']];

t.test('each field of a user check must be there and be text', async (t) => {
  for (const field of ['username', 'password', 'clientid'] as const) {
    const { [field]: _, ...rest } = user;
    t.equal((await stage.ask('/user', { json: rest })).reason, 'field-missing', field);
    for (const value of wrongTypes) {
      const answer = await stage.ask('/user', { json: { ...user, [field]: value } });
      t.match(answer, { status: 400, reason: 'field-type' }, `${field} ${JSON.stringify(value)}`);
    }
  }
});

t.test('each field of an ACL check must be there and of its type', async (t) => {
  for (const field of ['username', 'clientid', 'topic', 'acc'] as const) {
    const { [field]: _, ...rest } = acl;
    t.equal((await stage.ask('/acl', { json: rest })).reason, 'field-missing', field);
    for (const value of field === 'acc' ? [null, true, 'x', '2', 1.5, {}, [2]] : wrongTypes) {
      const answer = await stage.ask('/acl', { json: { ...acl, [field]: value } });
      t.match(answer, { status: 400, reason: 'field-type' }, `${field} ${JSON.stringify(value)}`);
    }
  }
});

t.test('an access that is none of read, write and subscribe is denied', async (t) => {
  for (const acc of [0, 3, 5, 6, 7, 8, 16, -1, -2, 2 ** 32 + 2, Number.MAX_SAFE_INTEGER]) {
    t.match(
      await stage.ask('/acl', { json: { ...acl, acc } }),
      { status: 403, reason: 'access-unknown' },
      `${acc}`,
    );
  }
  for (const acc of ['0', '3', '8', '02x', 'x', '', ' 2', '2.0', '0x2', '1e0', '+2', '-2', '٢']) {
    const answer = await stage.ask('/acl', { form: { ...acl, acc } });
    t.ok([400, 403].includes(answer.status), `form ${JSON.stringify(acc)}: ${answer.reason}`);
  }
});

t.test('names of a wrong form are denied by name', async (t) => {
  const rows: [object, string][] = [
    [{ username: '' }, 'credentials-missing'],
    [{ password: '' }, 'credentials-missing'],
    [{ username: 'alice\0' }, 'username-malformed'],
    [{ username: 'alice/#' }, 'username-malformed'],
    [{ username: '+' }, 'username-malformed'],
    [{ username: 'ali\u200Bce' }, 'username-malformed'],
    [{ username: 'a'.repeat(65) }, 'username-malformed'],
    [{ username: 'alice\n' }, 'username-malformed'],
    [{ username: 'd:sensor' }, 'client-id-of-other-device'],
    [{ username: 'd:' }, 'username-malformed'],
    [{ clientid: '' }, 'client-id-malformed'],
    [{ clientid: `${alice.sid}\0` }, 'client-id-malformed'],
    [{ clientid: `${alice.sid}\n` }, 'client-id-malformed'],
    [{ clientid: `${alice.sid}-` }, 'client-id-malformed'],
    [{ clientid: `${alice.sid}-${'x'.repeat(33)}` }, 'client-id-malformed'],
    [{ clientid: `${alice.sid}-a/b` }, 'client-id-malformed'],
    [{ clientid: `${alice.sid}.x` }, 'client-id-malformed'],
    [{ clientid: ` ${alice.sid}` }, 'client-id-malformed'],
    [{ password: 'é'.repeat(100) }, 'token-malformed'],
    [{ password: `${alice.token}\0` }, 'token-malformed'],
    [{ password: 'a.b.c'.repeat(2000) }, 'token-malformed'],
  ];
  for (const [change, reason] of rows) {
    const answer = await stage.ask('/user', { json: { ...user, ...change } });
    t.match(answer, { status: 403, reason }, JSON.stringify(change).slice(0, 80));
  }
});

t.test('topics of a wrong form are denied, whatever the rules say', async (t) => {
  const rows: [topic: string, acc: number, reason: string][] = [
    ['', 2, 'topic-malformed'],
    ['users/alice/\0', 2, 'topic-malformed'],
    ['users/alice/#', 2, 'topic-malformed'],
    ['users/alice/+', 1, 'topic-malformed'],
    ['users/alice/#/x', 4, 'filter-malformed'],
    ['users/alice/x+', 4, 'filter-malformed'],
    ['$share', 4, 'share-malformed'],
    ['$share//users/alice/x', 4, 'share-malformed'],
    ['$share/g+/users/alice/x', 4, 'share-malformed'],
    ['$share/g/', 4, 'share-malformed'],
    ['$share/g/users/bob/x', 4, 'no-rule-allows'],
    ['users/+/x', 4, 'filter-not-covered'],
    ['$SYS/#', 4, 'no-rule-allows'],
    ['USERS/alice/x', 2, 'no-rule-allows'],
  ];
  for (const [topic, acc, reason] of rows) {
    t.match(
      await stage.askAcl({ ...acl, topic, acc }),
      { status: 403, reason },
      `${acc} ${JSON.stringify(topic)}`,
    );
  }
  t.equal((await stage.askAcl({ ...acl, topic: '$share/g/users/alice/x', acc: 4 })).status, 200);
});

t.test('other methods and addresses are refused, never answered by 5xx', async (t) => {
  for (const path of ['/', '/users', '/user/', '/acl/x', '/%00', '/%zz']) {
    const { status } = await stage.ask(path, { json: user });
    t.ok(status >= 400 && status < 500, `${path}: ${status}`);
  }
  for (const method of ['DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE'] as const) {
    const { status } = await stage.ask('/user', { json: user, method: method as 'POST' });
    t.ok(status >= 400 && status < 500, `${method}: ${status}`);
  }
});

t.test('whatever the body, the answer is 4xx', async () => {
  const field = fc.constantFrom('username', 'password', 'clientid', 'topic', 'acc', '__proto__', 'x');
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.jsonValue(),
    fc.constant(alice.clientId),
  );
  const bodies = fc.oneof(
    fc.dictionary(field, value).map((fields) => Buffer.from(JSON.stringify(fields))),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  );
  const types = fc.constantFrom(
    'application/json',
    'application/x-www-form-urlencoded',
    'text/plain',
    'a/b; c=d',
  );

  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('/user', '/acl', '/superuser'),
      bodies,
      types,
      async (path, body, type) => {
        const { status, reason } = await stage.ask(path, { body, headers: { 'content-type': type } });
        return status >= 400 && status < 500 && reason !== undefined && reason !== 'check-failed';
      },
    ),
    { numRuns: 500 },
  );
});

t.test('after all of that the same connection is served as before', async (t) => {
  t.equal((await stage.askUser(user)).status, 200);
  t.equal((await stage.askAcl(acl)).status, 200);
});

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function form(body: string): Asked {
  return { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } };
}
