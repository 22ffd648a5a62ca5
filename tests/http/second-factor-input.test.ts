import t from 'tap';
import { isRefusal } from '../support/refusal.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { startSessionStage } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { ask, logLines } = stage;
const { enrol, tempTokenOf, verify } = secondFactorHands(stage);
const { person, tokens } = await enrol();
const token = tokens.access_token;

const wrongTypes: [string, unknown][] = [
  ['a number', 123456],
  ['true', true],
  ['null', null],
  ['a list', ['123456']],
  ['an object', { $gt: '' }],
  ['an empty text', ''],
];

const bodies: [path: string, right: Record<string, string>, required: string[]][] = [
  ['/2fa/verify', { code: '123456', temp_token: 'x' }, ['code']],
  ['/2fa/verify-login', { code: '123456', temp_token: 'x' }, ['code']],
  ['/2fa/email', { temp_token: 'x' }, []],
  ['/2fa/enable', { password: 'x', code: '123456', temp_token: 'x' }, []],
  ['/2fa/disable', { code: '123456', password: 'x' }, ['code']],
  ['/2fa/backup-codes/regenerate', { code: '123456', password: 'x' }, ['code']],
  ['/step-up', { password: 'x', code: '123456' }, ['password']],
];

for (const [path, right, required] of bodies) {
  t.test(`POST ${path} refuses missing and mistyped fields`, async (t) => {
    const post = (body: unknown) => ask('POST', `/api/auth${path}`, { token, body });

    for (const field of required) {
      const { [field]: _missing, ...rest } = right;
      t.match((await post(rest)).body.error, { code: 'VAL_MISSING_FIELD', field });
    }
    for (const field of Object.keys(right)) {
      for (const [what, value] of wrongTypes) {
        const answer = await post({ ...right, [field]: value });
        isRefusal(t, answer, `${field} as ${what}`, 400);
        t.equal(answer.body.error.field, field, `${field} as ${what}`);
      }
      isRefusal(t, await post({ ...right, [field]: 'x'.repeat(15_000) }), `${field} too long`);
    }
    for (const raw of ['[]', '5', '"x"', '{', '']) {
      if (raw === '' && required.length === 0) continue;
      isRefusal(t, await ask('POST', `/api/auth${path}`, { token, raw }), raw, 400);
    }
  });
}

t.test('without any token a second factor is nobody’s business', async (t) => {
  for (const [path, { temp_token: _token, ...right }] of bodies) {
    const answer = await ask('POST', `/api/auth${path}`, { body: right });
    isRefusal(t, answer, path, 401);
    t.equal(answer.code, 'AUTH_UNAUTHORIZED', path);
  }
  t.equal((await ask('GET', '/api/auth/2fa/backup-codes')).code, 'AUTH_UNAUTHORIZED');
});

t.test('odd codes are wrong codes', async (t) => {
  const odd = [
    '12345',
    '1234567',
    '12 34 5x',
    '２５４６７６',
    '\u0660\u0661\u0662\u0663\u0664\u0665',
    'ABCD-EFGH-JKLM-NPQ1',
  ];

  for (const code of [...odd, '💥', ' ', '-', '1e5000', '../../..', 'null']) {
    const answer = await verify(await tempTokenOf(person), code);
    isRefusal(t, answer, code, 401);
    t.equal(answer.code, 'AUTH_MFA_INVALID', code);
  }
});

t.test('odd temp tokens are refused alike', async (t) => {
  const right = await tempTokenOf(person);
  const parts = right.split('.');
  const odd = [
    'pending',
    'pending...',
    `${right}.`,
    ` ${right}`,
    right.toUpperCase(),
    [parts[0], parts[1], parts[2], 'x'].join('.'),
    ['renewal', ...parts.slice(1)].join('.'),
    parts.slice(1).join('.'),
    `pending.${'A'.repeat(22)}.${parts[2]}.${parts[3]}`,
    `pending.../../x.${parts[2]}.${parts[3]}`,
    'x'.repeat(1024),
  ];

  for (const text of odd) {
    const answer = await verify(text, '123456');
    isRefusal(t, answer, text.slice(0, 60), 401);
    t.equal(answer.code, 'AUTH_INVALID_TOKEN', text.slice(0, 60));
  }
});

t.test('codes are not mailed unless the settings say so', async (t) => {
  const answer = await ask('POST', '/api/auth/2fa/email', { token: await tempTokenOf(person) });

  isRefusal(t, answer, 'off by default', 404);
});

t.test('nothing above was a fault of the service', async (t) => {
  t.same(
    logLines.filter((line) => JSON.parse(line).level >= 50),
    [],
  );
});
