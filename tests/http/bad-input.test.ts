import t from 'tap';
import { isRefusal } from '../support/refusal.ts';
import { startSessionStage } from '../support/session-service.ts';

const { ask, signIn, register, logLines } = await startSessionStage(t);
const person = await register();
const tokens = await signIn(person);
const token = tokens.access_token;

interface Endpoint {
  path: string;
  token?: string;
  body: Record<string, string>;
  required: string[];
  /** Its form is right, but its token is nobody's. */
  isRefused?: boolean;
}

const endpoints: Endpoint[] = [
  {
    path: '/api/auth/register',
    body: {
      username: 'bad.input',
      email: 'bad@example.org',
      password: 'a long enough password',
      full_name: 'Bad',
    },
    required: ['username', 'email', 'password', 'full_name'],
  },
  {
    path: '/api/auth/login',
    body: { username: person.username, password: person.password },
    required: ['username', 'password'],
  },
  { path: '/api/auth/refresh', body: { refresh_token: tokens.refresh_token }, required: ['refresh_token'] },
  {
    path: '/api/auth/change-password',
    token,
    body: { current_password: person.password, new_password: 'another long enough password' },
    required: ['current_password', 'new_password'],
  },
  { path: '/api/auth/forgot-password', body: { email: person.email }, required: ['email'] },
  {
    path: '/api/auth/reset-password',
    body: { token: 'x', new_password: 'another long enough password' },
    required: ['token', 'new_password'],
    isRefused: true,
  },
  { path: '/api/auth/verify-email', body: { token: 'x' }, required: ['token'], isRefused: true },
  {
    path: '/api/auth/accept-terms',
    body: { version: '1', temp_token: 'x' },
    required: ['version'],
    isRefused: true,
  },
  { path: '/api/auth/logout', token, body: { refresh_token: tokens.refresh_token }, required: [] },
];

const wrongTypes: [string, unknown][] = [
  ['a number', 5],
  ['true', true],
  ['null', null],
  ['a list', ['a']],
  ['an empty list', []],
  ['an object', { $gt: '' }],
  ['an empty text', ''],
];

for (const { path, token: bearer, body, required } of endpoints) {
  const post = (raw: string | Uint8Array, headers: Record<string, string> = {}) =>
    ask('POST', path, { raw, token: bearer, headers });
  const fields = Object.keys(body);

  t.test(`POST ${path} names a missing field`, async (t) => {
    for (const field of required) {
      const { [field]: _missing, ...rest } = body;
      const answer = await post(JSON.stringify(rest));
      isRefusal(t, answer, `without ${field}`, 400);
      t.match(answer.body.error, { code: 'VAL_MISSING_FIELD', field, message: new RegExp(field) });
    }
    if (required.length > 0) isRefusal(t, await ask('POST', path, { token: bearer }), 'no body at all', 400);
  });

  t.test(`POST ${path} refuses fields of a wrong type`, async (t) => {
    for (const field of fields) {
      for (const [what, value] of wrongTypes) {
        const answer = await post(JSON.stringify({ ...body, [field]: value }));
        isRefusal(t, answer, `${field} as ${what}`, 400);
        t.equal(answer.body.error.field, field, `${field} as ${what}`);
      }
    }
  });

  t.test(`POST ${path} refuses a body that is no object`, async (t) => {
    const bodies = ['"text"', '5', 'true', '[]', `[${JSON.stringify(body)}]`];
    for (const raw of bodies) isRefusal(t, await post(raw), raw.slice(0, 20), 400);
    if (required.length > 0) isRefusal(t, await post('null'), 'null', 400);
  });

  t.test(`POST ${path} refuses what is not JSON`, async (t) => {
    const json = JSON.stringify(body);
    for (const raw of [
      json.slice(0, -1),
      `${json}x`,
      '{',
      "{'a':1}",
      'username=a',
      '{"a":1,}',
      '\ufeff',
      'NaN',
    ]) {
      const answer = await post(raw);
      isRefusal(t, answer, raw.slice(-8), 400);
      t.equal(answer.code, 'VAL_INVALID_JSON', raw.slice(-8));
    }
  });

  t.test(`POST ${path} refuses a field given twice, NUL, and broken text`, async (t) => {
    for (const field of fields) {
      const json = JSON.stringify(body);
      const name = JSON.stringify(field);
      const texts: Record<string, string | Uint8Array> = {
        'twice, the same': json.replace('{', `{${name}:${JSON.stringify(body[field])},`),
        'twice, another first': json.replace('{', `{${name}:"x",`),
        'twice, once escaped': json.replace(
          '{',
          `{"\\u00${field.charCodeAt(0).toString(16)}${field.slice(1)}":"x",`,
        ),
        'NUL inside': JSON.stringify({ ...body, [field]: `${body[field]}\0` }),
        'half a surrogate': json.replace(`${name}:"`, `${name}:"\\ud800`),
        'a raw control character': json.replace(`${name}:"`, `${name}:"\u0001`),
        'broken UTF-8': withBytes(json, name, [0xff]),
        'overlong UTF-8': withBytes(json, name, [0xc0, 0x80]),
        'a cut UTF-8 sequence': withBytes(json, name, [0xf0, 0x9f]),
        'Latin-1': withBytes(json, name, [0xe9]),
      };
      for (const [what, raw] of Object.entries(texts))
        isRefusal(t, await post(raw), `${field}: ${what}`, 400);
    }
  });

  t.test(`POST ${path} refuses poisoned names`, async (t) => {
    const json = JSON.stringify(body);
    for (const poison of ['"__proto__":{"role":"admin"}', '"constructor":{"prototype":{"role":"admin"}}']) {
      isRefusal(t, await post(json.replace('{', `{${poison},`)), poison, 400);
    }
    t.equal(({} as { role?: string }).role, undefined);
  });

  t.test(`POST ${path} refuses what is too long`, async (t) => {
    for (const field of fields) {
      const long = await post(JSON.stringify({ ...body, [field]: 'x'.repeat(15_000) }));
      if (field === 'refresh_token' && path.endsWith('refresh')) t.equal(long.status, 400);
      else isRefusal(t, long, `${field} of 15,000 characters`, 400);
      const huge = await post(JSON.stringify({ ...body, [field]: 'x'.repeat(1_048_576) }));
      isRefusal(t, huge, `${field} of 1 MB`, 413);
      t.equal(huge.code, 'VAL_BODY_TOO_LARGE');
    }
    isRefusal(t, await post(`${'['.repeat(8000)}${']'.repeat(8000)}`), 'deep', 400);
    const deepObject = `{"a":${'{"a":'.repeat(2000)}1${'}'.repeat(2001)}`;
    if (required.length > 0) isRefusal(t, await post(deepObject), 'deep objects', 400);
  });

  t.test(`POST ${path} takes JSON only`, async (t) => {
    const json = JSON.stringify(body);
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/xml',
      'x',
      '',
    ];
    for (const type of types) {
      const answer = await post(json, { 'content-type': type });
      isRefusal(t, answer, `content-type "${type}"`, 415);
      t.equal(answer.code, 'VAL_MEDIA_TYPE');
    }
  });
}

t.test('the requests that were refused above are taken when they are right', async (t) => {
  for (const { path, body, token: bearer, isRefused } of endpoints) {
    const json = JSON.stringify(body);
    const answer = await ask('POST', path, {
      raw: path.endsWith('login')
        ? json.replace('{', '{"constructor":"x","nested":[{"a":{"b":1}},{"a":2}],')
        : json,
      token: bearer,
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    const fine = isRefused ? [401] : [200, 201];
    t.ok(fine.includes(answer.status), `${path}: ${answer.text}`);
  }
});

t.test('both names of the current password are understood and must agree', async (t) => {
  const somebody = await register();
  const { access_token: token } = await signIn(somebody);
  const change = (body: object) => ask('POST', '/api/auth/change-password', { token, body });
  const next = 'another long enough password';

  const differing = await change({
    current_password: somebody.password,
    old_password: 'something else',
    new_password: next,
  });
  isRefusal(t, differing, 'differing', 400);
  t.equal((await change({ old_password: somebody.password, new_password: next })).status, 200);
  const both = { current_password: next, old_password: next, new_password: somebody.password };
  t.equal((await change(both)).status, 200);
});

t.test('nothing above was a fault of the service', async (t) => {
  const faults = logLines.filter((line) => JSON.parse(line).level >= 50);

  t.same(faults, []);
});

function withBytes(json: string, name: string, bytes: number[]): Uint8Array {
  const at = json.indexOf(`${name}:"`) + name.length + 2;
  return Buffer.concat([Buffer.from(json.slice(0, at)), Buffer.from(bytes), Buffer.from(json.slice(at))]);
}
