import t from 'tap';
import { accountKey, credentialKey, pendingKey, sessionKey } from '../../services/core/redis/keys.ts';
import { isRefusal } from '../support/refusal.ts';
import { startMailStage } from '../support/mail-service.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { expectStatus } from '../support/session-service.ts';
import { until } from '../support/until.ts';

const stage = await startMailStage(t, { EMAIL_SECOND_FACTOR: 'on' });
const { ask, store, mailsTo, untilDelivered } = stage;
const { enrol, codeOf, login, tempTokenOf, verify } = secondFactorHands(stage);

const askForMail = (tempToken: string) =>
  ask('POST', '/api/auth/2fa/email', { body: { temp_token: tempToken } });
const codePattern = /^\s*(\d{6})\s*$/m;
/** The codes that were mailed to an address, once there are `count`, oldest first. */
const codesTo = async (address: string, count = 1) =>
  (await codeMailsTo(address, count)).map(({ text }) => codePattern.exec(text)?.[1] ?? '');
/** The mails with these codes: a notice that was sent before may arrive after them. */
const codeMailsTo = async (address: string, count = 1) => {
  const found = async () => (await mailsTo(address)).filter(({ text }) => codePattern.test(text));
  await until(async () => (await found()).length >= count, { what: `${count} codes to ${address}` });
  return found();
};
const sidOf = (tempToken: string) => tempToken.split('.')[1] ?? '';
const other = (...codes: string[]) =>
  ['000000', '111111', '222222', '333333', '444444'].find((code) => !codes.includes(code)) ?? '';

t.test(
  'where it is turned on, a mailed code completes the sign-in, and does not pass for strong',
  async (t) => {
    const { person } = await enrol();
    t.same((await login(person)).body.data.methods, ['totp', 'backup-code', 'email']);
    const tempToken = await tempTokenOf(person);

    t.equal((await askForMail(tempToken)).status, 200);

    const [code = ''] = await codesTo(person.email);
    const answer = expectStatus(await verify(tempToken, code), 200);
    t.equal(await store.redis.hget(sessionKey(answer.body.data.session_id), 'amr'), 'pwd,mca');
  },
);

t.test('a mailed code counts for its own sign-in only, and once', async (t) => {
  const { person } = await enrol();
  const [first, second] = [await tempTokenOf(person), await tempTokenOf(person)];
  await askForMail(first);
  const [code = ''] = await codesTo(person.email);

  t.equal((await verify(second, code)).code, 'AUTH_MFA_INVALID', 'another sign-in');
  t.equal((await verify(first, code)).status, 200);
  t.equal((await verify(first, code)).code, 'AUTH_SESSION_EXPIRED');
});

t.test('of parallel uses of a mailed code one passes', async (t) => {
  const { person } = await enrol();
  const tempToken = await tempTokenOf(person);
  await askForMail(tempToken);
  const [code = ''] = await codesTo(person.email);

  const answers = await Promise.all(Array.from({ length: 10 }, () => verify(tempToken, code)));

  t.equal(answers.filter(({ status }) => status === 200).length, 1);
});

t.test('only the newest mailed code counts, three are sent, and none gives attempts back', async (t) => {
  const { person, secret } = await enrol();
  const tempToken = await tempTokenOf(person);
  await askForMail(tempToken);
  const [older = ''] = await codesTo(person.email);
  const wrong = other(older, await codeOf(secret), await codeOf(secret, 1), await codeOf(secret, -1));
  for (let i = 0; i < 3; i += 1) await verify(tempToken, wrong);

  t.equal((await askForMail(tempToken)).status, 200);
  t.equal((await verify(tempToken, older)).code, 'AUTH_MFA_INVALID', 'the fourth attempt');
  t.equal((await askForMail(tempToken)).status, 200);
  const refused = await askForMail(tempToken);
  isRefusal(t, refused, 'a fourth mail', 429);
  t.ok(refused.headers.get('retry-after'));
  t.equal((await verify(tempToken, wrong)).code, 'AUTH_MFA_INVALID', 'the fifth attempt');
  const newest = (await codesTo(person.email, 3)).at(-1) ?? '';
  t.equal((await verify(tempToken, newest)).code, 'AUTH_SESSION_EXPIRED');
});

t.test("a mailed code is written in the account's language", async (t) => {
  const { person, uid } = await enrol();
  await store.redis.hset(accountKey(uid), 'language', 'ar');

  await askForMail(await tempTokenOf(person));

  const [mail] = await codeMailsTo(person.email);
  t.equal(mail?.language, 'ar');
  t.match(mail?.html, /dir="rtl"/);
});

t.test(
  'a mailed code lives 600 s, and its sign-in with it; a second mail makes neither live longer',
  async (t) => {
    const { person } = await enrol();
    const tempToken = await tempTokenOf(person);
    const key = pendingKey(sidOf(tempToken));
    t.ok((await store.redis.ttl(key)) <= 300, 'before a mail');

    await askForMail(tempToken);
    const life = await store.redis.ttl(key);
    const [mail] = await codeMailsTo(person.email);
    await store.redis.expire(key, 42);
    await askForMail(tempToken);

    t.ok(life > 570 && life <= 600, `${life} s`);
    t.match(mail?.text, /10 minutes/);
    t.ok((await store.redis.ttl(key)) <= 42, 'no new life with the second mail');
  },
);

t.test('Redis keeps a mailed code as a tag that its key makes, and it lapses with its sign-in', async (t) => {
  const { person } = await enrol();
  const tempToken = await tempTokenOf(person);
  await askForMail(tempToken);
  const [code = ''] = await codesTo(person.email);

  const stored = await store.redis.hgetall(pendingKey(sidOf(tempToken)));

  t.match(stored.mailTag, /^[\w-]{43}$/);
  t.notMatch(JSON.stringify(stored), code);
  const ttl = await store.redis.ttl(pendingKey(sidOf(tempToken)));
  t.ok(ttl > 0 && ttl <= 600);
});

t.test('the authenticator goes on working after a mail was asked for', async (t) => {
  const { person, secret } = await enrol();
  const tempToken = await tempTokenOf(person);
  await askForMail(tempToken);

  t.equal((await verify(tempToken, await codeOf(secret))).status, 200);
});

t.test('no mail goes out without a temp token of a sign-in that waits for a code', async (t) => {
  const { person, secret, tokens } = await enrol();
  const used = await tempTokenOf(person);
  await verify(used, await codeOf(secret));

  t.equal((await askForMail(used)).code, 'AUTH_SESSION_EXPIRED');
  t.equal((await askForMail(tokens.access_token)).code, 'AUTH_INVALID_TOKEN');
  t.equal((await ask('POST', '/api/auth/2fa/email')).code, 'AUTH_UNAUTHORIZED');
  await untilDelivered();
  t.same(await codesTo(person.email, 0), []);
});

t.test('the owner is told by mail when the second factor changes', async (t) => {
  const { person, tokens, secret, uid } = await enrol();
  const isTold = (what: string) =>
    until(async () => (await mailsTo(person.email)).some(({ text }) => text.includes(what)), { what });
  const change = async (path: string) => {
    await store.redis.hset(credentialKey(uid), 'totpLastStep', -1);
    const body = { code: await codeOf(secret) };
    expectStatus(await ask('POST', path, { token: tokens.access_token, body }), 200);
  };

  await isTold('A second factor was turned on.');
  await change('/api/auth/2fa/backup-codes/regenerate');
  await isTold('New backup codes were made');
  await change('/api/auth/2fa/disable');
  await isTold('The second factor was turned off.');
  t.pass('three mails');
});
