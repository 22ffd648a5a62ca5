import t from 'tap';
import { credentialKey, sessionKey } from '../../services/core/redis/keys.ts';
import { countHashes } from '../support/count-work.ts';
import { isRefusal } from '../support/refusal.ts';
import { secondFactorHands, type Enrolled } from '../support/second-factor.ts';
import { startSessionStage, type Answer, type Tokens } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { ask, register, signIn, signInSomebody, renew, store, logLines } = stage;
const hands = secondFactorHands(stage);
const { enrol, codeOf, forgetSteps, login, tempTokenOf, verify, completeSignIn, age } = hands;

const post = (path: string, token: string, body?: object) => ask('POST', `/api/auth${path}`, { token, body });
const isLive = async (token: string) => (await ask('GET', '/api/auth/me', { token })).status === 200;
const left = async (token: string) =>
  (await ask('GET', '/api/auth/2fa/backup-codes', { token })).body.data as object;
/** Everything that Redis holds, as text. */
const dump = async () => {
  const keys = await store.redis.keys('*');
  const values = await Promise.all(keys.map((key) => contentOf(key)));
  return JSON.stringify([keys, values]);
};
const contentOf = async (key: string): Promise<unknown> => {
  switch (await store.redis.type(key)) {
    case 'hash':
      return store.redis.hgetall(key);
    case 'string':
      return store.redis.get(key);
    case 'list':
      return store.redis.lrange(key, 0, -1);
    case 'stream':
      return store.redis.xrange(key, '-', '+');
    default:
      return store.redis.zrange(key, '0', '-1');
  }
};

t.test('an enrolment shows secret, URI, image and ten backup codes', async (t) => {
  const { access_token: token, person } = await signInSomebody();

  const answer = await post('/2fa/enable', token);

  t.equal(answer.status, 200);
  t.equal(answer.headers.get('cache-control'), 'no-store');
  const { secret, otpauth_uri: uri, qr_code: image, backup_codes: codes } = answer.body.data;
  t.match(secret, /^[A-Z2-7]{32}$/);
  t.equal(new URL(uri).searchParams.get('secret'), secret);
  t.match(decodeURIComponent(uri), person.username);
  t.match(image, /^data:image\/png;base64,iVBORw0KGgo/);
  t.equal(codes.length, 10);
});

t.test('nothing is in force before a first right code', async (t) => {
  const { access_token: token, person } = await signInSomebody();
  const { secret, backup_codes } = (await post('/2fa/enable', token)).body.data;

  const answer = await login(person);

  t.ok(answer.body.data.access_token, 'a sign-in asks for no code');
  t.same(await left(token), { enabled: false, remaining: 0 });
  t.equal((await post('/2fa/verify', token, { code: backup_codes[0] })).code, 'AUTH_MFA_INVALID');
  const tooEarly = await codeOf(secret, 4); // Also if a step ends before it is looked at.
  t.equal((await post('/2fa/verify', token, { code: tooEarly })).code, 'AUTH_MFA_INVALID');
  t.ok((await login(person)).body.data.access_token);
});

t.test('a first right code puts it in force, ends all other sessions and rotates this one', async (t) => {
  const person = await register();
  const [mine, other] = [await signIn(person), await signIn(person)];
  const { secret } = (await post('/2fa/enable', mine.access_token)).body.data;

  const code = await codeOf(secret);

  const answer = await post('/2fa/verify', mine.access_token, { code });

  t.equal(answer.status, 200);
  const fresh = answer.body.data as Tokens;
  t.equal(fresh.session_id, mine.session_id);
  t.not(fresh.refresh_token, mine.refresh_token);
  t.equal((await renew(fresh.refresh_token)).status, 200);
  t.notOk(await isLive(other.access_token));
  t.equal((await renew(other.refresh_token)).code, 'AUTH_TOKEN_REVOKED');
  t.match(await store.redis.hgetall(sessionKey(other.session_id)), { reason: 'second-factor-changed' });
  t.same(await left(fresh.access_token), { enabled: true, remaining: 10 });
  t.equal((await login(person)).body.data.requires_2fa, true);
  const tempToken = await tempTokenOf(person);
  t.equal((await verify(tempToken, code)).code, 'AUTH_MFA_INVALID', 'its step is used up');
});

t.test('an abandoned enrolment leaves the old authenticator and its backup codes', async (t) => {
  const enrolled = await enrol();
  const again = await post('/2fa/enable', enrolled.tokens.access_token);
  t.equal(again.status, 200);

  const { secret, backup_codes: waiting } = again.body.data;
  t.equal((await verify(await tempTokenOf(enrolled.person), await codeOf(secret))).code, 'AUTH_MFA_INVALID');
  t.equal((await verify(await tempTokenOf(enrolled.person), waiting[0])).code, 'AUTH_MFA_INVALID');
  t.ok((await completeSignIn(enrolled)).access_token);
  t.equal((await verify(await tempTokenOf(enrolled.person), enrolled.backupCodes[0] ?? '')).status, 200);
});

t.test('a new authenticator replaces the old one and its backup codes', async (t) => {
  const { person, tokens, secret: oldSecret, backupCodes, uid } = await enrol();
  const { secret } = (await post('/2fa/enable', tokens.access_token)).body.data;
  t.equal((await post('/2fa/verify', tokens.access_token, { code: await codeOf(secret) })).status, 200);
  await forgetSteps(uid);

  t.equal((await verify(await tempTokenOf(person), await codeOf(oldSecret))).code, 'AUTH_MFA_INVALID');
  t.equal((await verify(await tempTokenOf(person), backupCodes[0] ?? '')).code, 'AUTH_MFA_INVALID');
  t.equal((await verify(await tempTokenOf(person), await codeOf(secret))).status, 200);
});

t.test('enrolling needs a fresh sign-in or the password', async (t) => {
  const mine = await signInSomebody();
  await age(mine.session_id, 301);
  const enable = (body?: object) => post('/2fa/enable', mine.access_token, body);

  const stale = await enable();
  isRefusal(t, stale, 'stale', 403);
  t.equal(stale.code, 'AUTH_STEP_UP_REQUIRED');
  t.match((await enable({ password: 'not the password at all' })).body.error, {
    code: 'AUTH_INVALID_CREDENTIALS',
    field: 'password',
  });
  t.equal((await enable({ password: mine.person.password })).status, 200);
  await age(mine.session_id, -40);
  t.equal((await enable()).status, 200, 'at most 300 s old');
});

t.test('with a stale sign-in a password alone does not replace an authenticator', async (t) => {
  const { person, tokens, secret, uid } = await enrol();
  await age(tokens.session_id, 1000);
  const enable = (body: object) => post('/2fa/enable', tokens.access_token, body);

  t.equal((await enable({ password: person.password })).code, 'AUTH_MFA_REQUIRED');
  t.equal((await enable({ password: person.password, code: '000000' })).code, 'AUTH_MFA_INVALID');
  await forgetSteps(uid);
  t.equal((await enable({ password: person.password, code: await codeOf(secret) })).status, 200);
});

const changes: Record<string, (enrolled: Enrolled, body: object) => Promise<Answer>> = {
  '/2fa/disable': ({ tokens }, body) => post('/2fa/disable', tokens.access_token, body),
  '/2fa/backup-codes/regenerate': ({ tokens }, body) =>
    post('/2fa/backup-codes/regenerate', tokens.access_token, body),
};

for (const [path, change] of Object.entries(changes)) {
  t.test(`POST ${path} needs a code, and a fresh sign-in or the password`, async (t) => {
    const enrolled = await enrol();
    const { person, tokens, secret } = enrolled;
    const right = async () => ({ code: await codeOf(secret) });

    t.equal((await change(enrolled, { code: '000000' })).code, 'AUTH_MFA_INVALID');
    t.equal((await change(enrolled, {})).code, 'VAL_MISSING_FIELD');
    await age(tokens.session_id, 301);
    t.equal((await change(enrolled, await right())).code, 'AUTH_STEP_UP_REQUIRED');
    const wrong = { ...(await right()), password: 'not the password at all' };
    t.equal((await change(enrolled, wrong)).code, 'AUTH_INVALID_CREDENTIALS');
    t.same(await left(tokens.access_token), { enabled: true, remaining: 10 }, 'nothing has changed');
    t.equal((await change(enrolled, { ...(await right()), password: person.password })).status, 200);
  });

  t.test(`POST ${path} ends all other sessions and rotates this one`, async (t) => {
    const enrolled = await enrol();
    const other = await completeSignIn(enrolled);
    await forgetSteps(enrolled.uid);

    const answer = await change(enrolled, { code: await codeOf(enrolled.secret) });

    t.equal(answer.status, 200, answer.text);
    const fresh = answer.body.data as Tokens;
    t.equal(fresh.session_id, enrolled.tokens.session_id);
    t.ok(await isLive(fresh.access_token));
    t.notOk(await isLive(other.access_token));
    t.match(await store.redis.hgetall(sessionKey(other.session_id)), { reason: 'second-factor-changed' });
  });
}

t.test('after it is turned off a password is enough, and nothing is left of it', async (t) => {
  const { person, tokens, secret, uid } = await enrol();

  t.equal((await post('/2fa/disable', tokens.access_token, { code: await codeOf(secret) })).status, 200);

  t.ok((await login(person)).body.data.access_token);
  const fields = Object.keys(await store.redis.hgetall(credentialKey(uid))).sort();
  t.same(fields, ['changedAtMs', 'passwordHash', 'totpLastStep']);
});

t.test('new backup codes make the old ones void', async (t) => {
  const { person, tokens, secret, backupCodes } = await enrol();

  const answer = await post('/2fa/backup-codes/regenerate', tokens.access_token, {
    code: await codeOf(secret),
  });

  const codes = answer.body.data.backup_codes as string[];
  t.equal(codes.length, 10);
  t.equal((await verify(await tempTokenOf(person), backupCodes[0] ?? '')).code, 'AUTH_MFA_INVALID');
  t.equal((await verify(await tempTokenOf(person), codes[0] ?? '')).status, 200);
});

t.test('one try at a backup code costs one hash, right or wrong', async (t) => {
  const { person, backupCodes } = await enrol();

  for (const code of [backupCodes[9] ?? '', 'ABCD-EFGH-JKLM-NPQR']) {
    const tempToken = await tempTokenOf(person);
    t.equal(await countHashes(() => verify(tempToken, code)), 1, code);
  }
});

t.test('a step-up makes a stale session fresh, with a code where a second factor is on', async (t) => {
  const plain = await signInSomebody();
  const enrolled = await enrol();
  await Promise.all([age(plain.session_id, 9000), age(enrolled.tokens.session_id, 9000)]);
  const stepUp = (token: string, body: object) => post('/step-up', token, body);
  const { password } = enrolled.person;

  t.equal((await stepUp(plain.access_token, { password: 'wrong' })).code, 'AUTH_INVALID_CREDENTIALS');
  t.equal((await stepUp(plain.access_token, { password: plain.person.password })).status, 200);
  t.equal((await post('/2fa/enable', plain.access_token)).status, 200, 'fresh again');
  const token = enrolled.tokens.access_token;
  t.equal((await stepUp(token, { password })).code, 'AUTH_MFA_REQUIRED');
  t.equal((await stepUp(token, { password, code: '000000' })).code, 'AUTH_MFA_INVALID');
  t.equal((await post('/2fa/enable', token)).code, 'AUTH_STEP_UP_REQUIRED');
  const done = await stepUp(token, { password, code: await codeOf(enrolled.secret) });
  t.equal(done.body.data.session_id, enrolled.tokens.session_id);
  t.equal(await store.redis.hget(sessionKey(enrolled.tokens.session_id), 'amr'), 'pwd,otp,mfa');
  t.equal((await post('/2fa/enable', token)).status, 200);
});

t.test('Redis and the log hold no secret and no code in clear', async (t) => {
  const enrolled = await enrol();
  const { secret, backupCodes, person } = enrolled;
  const tempToken = await tempTokenOf(person);
  await verify(tempToken, backupCodes[0] ?? '');
  const second = (await post('/2fa/enable', enrolled.tokens.access_token)).body.data;
  await completeSignIn(enrolled);

  const held = `${await dump()}${logLines.join('')}`;
  const codes = [...backupCodes, ...second.backup_codes] as string[];
  const secrets = [
    secret,
    second.secret,
    tempToken,
    ...codes,
    ...codes.map((code) => code.replaceAll('-', '')),
  ];
  for (const text of secrets) t.notOk(held.includes(text), 'not in clear');
  t.match(await store.redis.hget(credentialKey(enrolled.uid), 'backupTags'), /^([\w-]{43},){8}[\w-]{43}$/);
});
