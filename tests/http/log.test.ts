import t from 'tap';
import { secondFactorHands } from '../support/second-factor.ts';
import { startSessionStage } from '../support/session-service.ts';

const stage = await startSessionStage(t, { RENEWAL_GRACE_SECONDS: '60' });
const { ask, logLines, register, renew, signIn, store } = stage;
const { codeOf, enrol, tempTokenOf, verify } = secondFactorHands(stage);

/** The facts that `work` made the service tell. */
async function factsOf(work: () => Promise<unknown>): Promise<Record<string, unknown>[]> {
  const before = logLines.length;
  await work();
  return logLines
    .slice(before)
    .map((line) => JSON.parse(line))
    .filter((entry) => entry.event !== undefined);
}

const login = (username: string, password: string) =>
  ask('POST', '/api/auth/login', { body: { username, password } });

t.test('each fact about a session is one event with who, from where, when and the request id', async (t) => {
  const person = await register();
  const first = await signIn(person);
  const second = await signIn(person);
  const token = second.access_token;
  const next = 'another long enough password';
  const steps: [string, object, () => Promise<unknown>][] = [
    ['sign-in', { uid: /^.{8}…$/, sid: /^.{8}…$/ }, () => login(person.username, person.password)],
    ['sign-in-failed', { reason: 'password' }, () => login(person.username, 'not the password at all')],
    ['sign-in-failed', { reason: 'unknown' }, () => login('nobody.here', 'not the password at all')],
    ['session-renewed', { reason: 'rotated' }, () => renew(first.refresh_token)],
    ['session-renewed', { reason: 'repeated' }, () => renew(first.refresh_token)],
    ['renewal-refused', { reason: 'forged' }, () => renew('forged')],
    ['access-refused', { reason: 'token' }, () => ask('GET', '/api/auth/me', { token: 'forged' })],
    [
      'password-change-failed',
      { reason: 'password' },
      () =>
        ask('POST', '/api/auth/change-password', {
          token,
          body: { current_password: 'wrong', new_password: next },
        }),
    ],
    [
      'password-changed',
      {},
      () =>
        ask('POST', '/api/auth/change-password', {
          token,
          body: { current_password: person.password, new_password: next },
        }),
    ],
    [
      'other-sessions-ended',
      { count: 0 },
      () => ask('POST', '/api/auth/sessions/terminate-others', { token }),
    ],
    ['session-ended', { reason: 'signed-out' }, () => ask('POST', '/api/auth/logout', { token })],
    ['renewal-refused', { reason: 'revoked' }, () => renew(second.refresh_token)],
    ['account-registered', {}, () => register()],
  ];

  for (const [event, details, work] of steps) {
    const facts = await factsOf(work);
    t.equal(facts.length, 1, `${event}: ${JSON.stringify(facts)}`);
    t.match(facts[0], {
      event,
      ip: '127.0.0.1',
      requestId: /^[0-9a-f-]{36}$/,
      time: /^\d{4}-.*Z$/,
      ...details,
    });
  }
});

t.test('a reuse is told louder than the rest', async (t) => {
  const { refresh_token: first } = await signIn(await register());
  const second = (await renew(first)).body.data.refresh_token;
  await renew(second);

  const [fact] = await factsOf(() => renew(first));

  t.match(fact, { event: 'renewal-reuse', reason: 'ancestor', level: 40 });
});

t.test('each step of a sign-in with a second factor is told, with the factor', async (t) => {
  const { person, secret, backupCodes } = await enrol();
  let token = '';
  const begin = async () => void (token = await tempTokenOf(person));
  const steps: [string, string[][], () => Promise<unknown>][] = [
    ['the password', [['sign-in-pending', 'second-factor']], begin],
    ['a wrong code', [['second-factor-failed', 'totp']], () => verify(token, '000000')],
    ['no code', [['second-factor-failed', 'malformed']], () => verify(token, 'abc')],
    [
      'a wrong backup code',
      [['second-factor-failed', 'backup-code']],
      () => verify(token, 'ABCD-EFGH-JKLM-NPQR'),
    ],
    [
      'a right code',
      [['second-factor-passed', 'totp'], ['sign-in']],
      async () => verify(token, await codeOf(secret)),
    ],
    ['the password again', [['sign-in-pending', 'second-factor']], begin],
    [
      'a backup code',
      [['backup-code-used', 'backup-code'], ['sign-in']],
      () => verify(token, backupCodes[0] ?? ''),
    ],
  ];

  for (const [what, told, work] of steps) {
    const facts = await factsOf(work);
    t.match(
      facts.map(({ event, reason }) => [event, reason]),
      told,
      what,
    );
    t.equal(facts.length, told.length, what);
  }
});

t.test('a sign-out that ends nothing is no fact', async (t) => {
  const { access_token: token } = await signIn(await register());
  await ask('POST', '/api/auth/logout', { token });

  t.same(await factsOf(() => ask('POST', '/api/auth/logout', { token })), []);
});

t.test('no password, token, name that failed or query is in the log, and no line is broken', async (t) => {
  const person = await register({ password: 'a very secret password, really' });
  const tokens = await signIn(person, { 'user-agent': 'agent\u0085with a strange byte' });
  await login('typed-my-password-here', 'another secret');
  await ask('GET', `/api/auth/me?access_token=${tokens.access_token}&secondFactor=123456`);
  await ask('GET', '/nothing%0d%0a{"event":"sign-in"}?key=hidden');
  await ask('POST', '/api/auth/login', { raw: '{"username":"half","password":"broken sec' });
  await renew(tokens.refresh_token);
  await ask('GET', '/api/auth/me', {
    headers: { authorization: `Basic ${tokens.access_token}`, cookie: 'a=secret-cookie' },
  });
  await store.redis.echo('settled');

  const log = logLines.join('');
  const secrets = [
    person.password,
    'another secret',
    'typed-my-password-here',
    'broken sec',
    'secret-cookie',
    'hidden',
    '123456',
    tokens.access_token.slice(-40),
    tokens.refresh_token.slice(-40),
    tokens.session_id,
    tokens.user.id,
  ];
  for (const secret of secrets) t.notMatch(log, secret, secret);
  for (const line of logLines) {
    t.ok(line.endsWith('\n') && line.indexOf('\n') === line.length - 1, 'one line');
    t.notMatch(line.slice(0, -1), /[\r\u001b\u0085]/);
  }
});
