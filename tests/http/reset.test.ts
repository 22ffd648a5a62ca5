import t from 'tap';
import { disableAccount } from '../../services/core/accounts/change-account-state.ts';
import {
  accountKey,
  credentialKey,
  guessesKey,
  loginKey,
  mailedTokenKey,
  sessionKey,
} from '../../services/core/redis/keys.ts';
import { commandsOf, countHashes } from '../support/count-work.ts';
import { publicUrl, startMailStage } from '../support/mail-service.ts';
import { isRefusal } from '../support/refusal.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { seen } from '../support/seen.ts';
import { startService, type Person } from '../support/session-service.ts';

const stage = await startMailStage(t);
const { ask, register, signIn, signInSomebody, store, mailsTo, newestMail, newestToken, untilDelivered } =
  stage;
const { enrol, codeOf, verify } = secondFactorHands(stage);

const next = 'another long enough password';
const forgot = (email: unknown, headers: Record<string, string> = {}) =>
  ask('POST', '/api/auth/forgot-password', { body: { email }, headers });
const reset = (token: unknown, password: unknown = next) =>
  ask('POST', '/api/auth/reset-password', { body: { token, new_password: password } });
const login = (username: string, password: string) =>
  ask('POST', '/api/auth/login', { body: { username, password } });
const tokenFor = async ({ email }: Person, count = 1) => {
  await forgot(email);
  return newestToken(email, count);
};
const uidOf = async (person: Person) => (await signIn(person)).user.id;

t.test('a forgotten password is replaced by a link that is mailed to the owner', async (t) => {
  const person = await register();

  const answer = await forgot(person.email);
  const mail = await newestMail(person.email);

  t.equal(answer.status, 200);
  t.same(answer.body.data, {});
  t.match(mail.text, `${publicUrl}/reset-password#token=`);
  t.match(mail.text, 'for 60 minutes');
  t.match(mail.token, /^[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/, '256 random bits');
  const done = await reset(mail.token);
  t.equal(done.status, 200);
  t.same(done.body.data, {}, 'nobody is signed in by it');
  t.equal((await login(person.username, person.password)).status, 401);
  t.equal((await login(person.username, next)).status, 200);
});

t.test('the owner is told of a reset and of a change by mail', async (t) => {
  const { person, access_token: token } = await signInSomebody();
  const changed = `${person.password} changed`;

  const body = { current_password: person.password, new_password: changed };
  await ask('POST', '/api/auth/change-password', { token, body });
  const first = await newestMail(person.email);
  await reset(await tokenFor(person));
  const second = await newestMail(person.email, 3);

  for (const { subject, text, token: none } of [first, second]) {
    t.match(subject, /password.*changed/i);
    t.notMatch(text, changed);
    t.equal(none, undefined);
  }
});

t.test('the link leads where the settings say, whatever the request claims', async (t) => {
  const person = await register();

  await forgot(person.email, { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' });
  const raw = await stage.app.inject({
    method: 'POST',
    url: '/api/auth/forgot-password',
    headers: { host: 'evil.example', origin: 'https://evil.example' },
    payload: { email: person.email },
  });
  const mails = await mailsTo(person.email, 2);

  t.equal(raw.statusCode, 200);
  for (const { raw: text, text: plain } of mails) {
    t.notMatch(text, 'evil');
    t.match(plain, `${publicUrl}/`);
  }
});

t.test('whether an address is known shows neither in the answer nor in the work', async (t) => {
  const person = await register();
  const gone = await register();
  await disableAccount(store, { uid: await uidOf(gone), reason: 'test', actor: 'test' });
  const addresses = [person.email, 'nobody@example.org', gone.email, 'not an address', 'x@y'];
  for (const email of addresses) await forgot(email);

  const work = [];
  for (const email of addresses) {
    const answers: unknown[] = [];
    const commands = await commandsOf(store, async () => answers.push(seen(await forgot(email))));
    // What happens is recorded beside the answer, by scripts: in the activity of the account too, if there is one.
    work.push({ answer: answers[0], commands: commands.filter((name) => !name.startsWith('eval')) });
  }

  t.equal(new Set(work.map((each) => JSON.stringify(each))).size, 1, JSON.stringify(work));
  t.equal(await countHashes(() => forgot(person.email)), 0, 'no password is hashed');
  await untilDelivered();
  t.equal((await mailsTo(gone.email)).length, 0, 'a disabled account gets no mail');
});

t.test('a token is stored as a hash for an hour, and nothing in Redis can be used as one', async (t) => {
  const person = await register();
  const uid = await uidOf(person);

  const token = await tokenFor(person);

  const stored = (await store.redis.get(mailedTokenKey('reset', uid))) ?? '';
  t.match(stored, /^[A-Za-z0-9_-]{43}$/);
  t.notMatch(token, stored);
  const ttl = await store.redis.ttl(mailedTokenKey('reset', uid));
  t.ok(ttl > 3500 && ttl <= 3600, `${ttl} s`);
  // As `raw`, for what is stored is no secret that a file must not hold.
  const raw = JSON.stringify({ token: `${uid}.${stored}`, new_password: 'a new password for nobody' });
  t.equal((await ask('POST', '/api/auth/reset-password', { raw })).code, 'AUTH_INVALID_TOKEN');
  t.notMatch(stage.logLines.join(''), token.split('.')[1] ?? '', 'nor is it logged');
});

t.test('a token is good for its own purpose, account and address only', async (t) => {
  const person = await register();
  const other = await register();
  const [uid, otherUid] = [await uidOf(person), await uidOf(other)];
  const token = await tokenFor(person);
  const secret = token.split('.')[1] ?? '';

  t.equal((await ask('POST', '/api/auth/verify-email', { body: { token } })).code, 'AUTH_INVALID_TOKEN');
  t.equal((await ask('GET', '/api/auth/me', { token })).code, 'AUTH_INVALID_TOKEN');
  t.equal((await reset(`${otherUid}.${secret}`)).code, 'AUTH_INVALID_TOKEN');
  await store.redis.hset(accountKey(uid), 'email', 'moved@example.org');
  t.equal((await reset(token)).code, 'AUTH_INVALID_TOKEN', 'the address has changed');
  await store.redis.hset(accountKey(uid), 'email', person.email);
  t.equal((await reset(token)).status, 200);
});

t.test('anything else is no token', async (t) => {
  const person = await register();
  const uid = await uidOf(person);
  const good = await tokenFor(person);
  for (const token of [
    'x',
    `${uid}.`,
    `${uid}.${'A'.repeat(43)}`,
    `${'A'.repeat(22)}.${'A'.repeat(43)}`,
    `${good}x`,
    ` ${good}`,
    good.replace('.', ':'),
    good.slice(0, -1),
  ]) {
    isRefusal(t, await reset(token), token, 401);
  }
  for (const token of ['', 'x'.repeat(257), ['x'], { a: 1 }, null, 1])
    isRefusal(t, await reset(token), JSON.stringify(token), 400);
  t.equal((await reset(good)).status, 200, 'the right one still works');
});

t.test('a newer link voids the older one', async (t) => {
  const person = await register();

  const older = await tokenFor(person);
  const newer = await tokenFor(person, 2);

  t.equal((await reset(older)).code, 'AUTH_INVALID_TOKEN');
  t.equal((await reset(newer)).status, 200);
});

t.test('a link works once: of ten parallel uses one wins', async (t) => {
  const person = await register();
  const token = await tokenFor(person);
  const passwords = Array.from({ length: 10 }, (_, i) => `long enough password number ${i}`);

  const answers = await Promise.all(passwords.map((password) => reset(token, password)));

  const winners = passwords.filter((_, i) => answers[i]?.status === 200);
  t.equal(winners.length, 1);
  t.same(
    answers.filter(({ status }) => status !== 200).map(({ code }) => code),
    Array(9).fill('AUTH_INVALID_TOKEN'),
  );
  t.equal((await login(person.username, winners[0] ?? '')).status, 200);
  t.equal((await reset(token)).code, 'AUTH_INVALID_TOKEN', 'nor does it work later');
});

t.test('a reset whose durability was not confirmed is confirmed by the same link and password', async (t) => {
  const strict = await startService(t, stage.stack, { REDIS_REPLICAS_REQUIRED: '1' });
  const resetAt = ({ ask }: Pick<typeof stage, 'ask'>, token: string, password: string) =>
    ask('POST', '/api/auth/reset-password', { body: { token, new_password: password } });
  const person = await register();
  const { access_token: old } = await signIn(person);
  const token = await tokenFor(person);

  const first = await resetAt(strict, token, next);
  const repeated = await resetAt(strict, token, next);
  const other = await resetAt(stage, token, 'a password of somebody else');
  const confirmed = await resetAt(stage, token, next);
  const again = await resetAt(stage, token, next);

  for (const answer of [first, repeated]) t.match(answer, { status: 503, code: 'SYS_NOT_DURABLE' });
  t.equal(other.code, 'AUTH_INVALID_TOKEN', 'it brings no other password');
  t.equal(confirmed.status, 200, confirmed.text);
  t.equal(again.code, 'AUTH_INVALID_TOKEN', 'and then the link is used up');
  t.equal((await login(person.username, next)).status, 200);
  t.equal((await ask('GET', '/api/auth/me', { token: old })).code, 'AUTH_TOKEN_REVOKED');
  await untilDelivered();
  const notices = (await mailsTo(person.email)).filter(({ subject }) => /was changed/.test(subject));
  t.equal(notices.length, 1, 'one notice');
});

t.test('a link that waits for its confirmation is no way to guess the password', async (t) => {
  const strict = await startService(t, stage.stack, { REDIS_REPLICAS_REQUIRED: '1' });
  const person = await register();
  const token = await tokenFor(person);
  const body = { token, new_password: next };
  await strict.ask('POST', '/api/auth/reset-password', { body });

  for (let i = 0; i < 6; i += 1) await reset(token, `a wrong guess, long enough ${i}`);

  t.equal((await reset(token, next)).code, 'AUTH_INVALID_TOKEN', 'too many wrong ones: not looked at');
  const key = mailedTokenKey('reset', (await store.redis.get(loginKey(person.username))) ?? '');
  const ttl = await store.redis.ttl(key);
  t.ok(ttl > 500 && ttl <= 600, 'it lapses in ten minutes');
});

t.test('a reset ends every session', async (t) => {
  const person = await register();
  const sessions = [await signIn(person), await signIn(person)];

  await reset(await tokenFor(person));

  for (const { access_token: token, session_id: sid } of sessions) {
    t.equal((await ask('GET', '/api/auth/me', { token })).code, 'AUTH_TOKEN_REVOKED');
    t.match(await store.redis.hgetall(sessionKey(sid)), { state: 'revoked', reason: 'password-reset' });
  }
});

t.test('an unfit new password is refused with its reason, and the link still works', async (t) => {
  const person = await register();
  const token = await tokenFor(person);
  const unfit: [string, string][] = [
    ['x'.repeat(14), 'VAL_PASSWORD_TOO_SHORT'],
    ['x'.repeat(257), 'VAL_PASSWORD_TOO_LONG'],
    ['passwordpassword', 'VAL_PASSWORD_COMMON'],
    [`${person.username} 2026`, 'VAL_PASSWORD_CONTEXT'],
    ['Bednet Bednet 2026', 'VAL_PASSWORD_CONTEXT'],
    [person.password, 'VAL_PASSWORD_UNCHANGED'],
  ];

  for (const [password, code] of unfit) {
    const answer = await reset(token, password);
    t.equal(answer.status, 400, password);
    t.match(answer.body.error, { code, field: 'new_password' }, password);
  }
  t.equal((await reset(token)).status, 200);
});

t.test('a reset lifts the delay after wrong passwords', async (t) => {
  const person = await register();
  for (let i = 0; i < 7; i += 1) await login(person.username, 'wrong');
  t.equal((await login(person.username, person.password)).status, 401, 'the right one waits, too');

  await reset(await tokenFor(person));

  t.equal((await login(person.username, next)).status, 200);
});

t.test('a reset leaves the second factor as it is', async (t) => {
  const { person, uid, secret } = await enrol();
  const before = await store.redis.hgetall(credentialKey(uid));

  await reset(await tokenFor(person));

  const answer = await login(person.username, next);
  t.equal(answer.status, 200);
  t.match(answer.body.data, { requires_2fa: true, pending: ['second-factor'] });
  t.equal(answer.body.data.access_token, undefined);
  const after = await store.redis.hgetall(credentialKey(uid));
  for (const field of ['secondFactor', 'totpSecret', 'totpLastStep', 'backupTags'])
    t.equal(after[field], before[field], field);
  const { temp_token: tempToken } = answer.body.data;
  t.equal((await verify(tempToken, await codeOf(secret))).status, 200, 'and it still completes a sign-in');
});

t.test('a reset does not lift the delay after wrong codes', async (t) => {
  const { person, uid, secret } = await enrol();
  const tempTokenOf = async (password: string) =>
    (await login(person.username, password)).body.data.temp_token as string;
  const first = await tempTokenOf(person.password);
  for (let i = 0; i < 5; i += 1) await verify(first, '000000');

  await reset(await tokenFor(person));

  const second = await tempTokenOf(next);
  t.equal((await verify(second, await codeOf(secret))).code, 'AUTH_MFA_INVALID', 'the right code waits');
  await store.redis.del(guessesKey({ partition: uid.charAt(0), name: uid }, 'second-factor'));
  t.equal((await verify(second, await codeOf(secret))).status, 200, 'it was the delay alone');
});

t.test('an address gets three links an hour; the last one works and nobody is locked out', async (t) => {
  const person = await register();

  const answers = [];
  for (let i = 0; i < 8; i += 1)
    answers.push(await forgot(i % 2 ? person.email.toUpperCase() : person.email));
  await untilDelivered();

  t.same(new Set(answers.map(({ status }) => status)), new Set([200]));
  const mails = await mailsTo(person.email, 3);
  t.equal(mails.length, 3);
  t.equal((await login(person.username, person.password)).status, 200);
  const used = [];
  for (const { token } of mails) used.push((await reset(token)).status);
  t.same(used.sort(), [200, 401, 401], 'the newest');
});

t.test('a username is no address', async (t) => {
  const person = await register();

  t.equal((await forgot(person.username)).status, 200);
  await untilDelivered();

  t.same(await mailsTo(person.email), []);
});

t.test('a locked account cannot be reset', async (t) => {
  const person = await register();
  const uid = await uidOf(person);
  const token = await tokenFor(person);

  await disableAccount(store, { uid, reason: 'test', actor: 'test' });

  t.equal((await reset(token)).code, 'AUTH_INVALID_TOKEN');
});

t.test('line breaks in an address or a name reach no header', async (t) => {
  const person = await register();
  for (const email of [`${person.email}\r\nBcc: eve@example.org`, `a\n@example.org`, `a@example.org\0`])
    isRefusal(t, await forgot(email), email, 400);
  const body = { ...person, username: 'someone.else', full_name: 'A\r\nBcc: eve@example.org' };
  isRefusal(t, await ask('POST', '/api/auth/register', { body }), 'a name', 400);

  await forgot(`${person.email}, eve@example.org`);
  await forgot(`<${person.email}>`);
  await untilDelivered();

  t.same(await mailsTo(person.email), []);
  t.same(await mailsTo('eve@example.org'), []);
});

t.test('mails come in the language of the account', async (t) => {
  const arabic = await register({ language: 'ar' } as object);
  const english = await register();
  const body = { ...arabic, username: 'lina.2', email: 'lina.2@example.org', language: undefined };
  const headers = { 'accept-language': 'de, ar-EG;q=0.9, fr;q=0.8' };
  await ask('POST', '/api/auth/register', { body, headers });

  for (const email of [arabic.email, english.email, body.email]) await forgot(email);

  const languages = [arabic.email, english.email, body.email].map(
    async (email) => (await newestMail(email)).language,
  );
  t.same(await Promise.all(languages), ['ar', 'en', 'ar']);
  const de = { body: { ...body, username: 'x1', email: 'x1@example.org', language: 'de' } };
  isRefusal(t, await ask('POST', '/api/auth/register', de), 'a language without templates', 400);
});
