import t from 'tap';
import { disableAccount, enableAccount } from '../../services/core/accounts/change-account-state.ts';
import { pendingKey, sessionKey } from '../../services/core/redis/keys.ts';
import { revokeAllSessions } from '../../services/core/sessions/revoke-sessions.ts';
import { isRefusal } from '../support/refusal.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { startSessionStage, type Tokens } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { ask, renew, store } = stage;
const { enrol, codeOf, forgetSteps, login, tempTokenOf, verify, completeSignIn } = secondFactorHands(stage);

const sidOf = (tempToken: string) => tempToken.split('.')[1] ?? '';
const isLive = async (token: string) => (await ask('GET', '/api/auth/me', { token })).status === 200;
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
const wrongCode = async (secret: string) => {
  const right = [await codeOf(secret, -1), await codeOf(secret), await codeOf(secret, 1)];
  return ['000000', '111111', '222222', '333333'].find((code) => !right.includes(code)) ?? '';
};

t.test('a right password alone gives a temp token, but neither tokens nor MQTT', async (t) => {
  const { person } = await enrol();

  const answer = await login(person);

  t.equal(answer.status, 200);
  t.equal(answer.headers.get('cache-control'), 'no-store');
  t.same(Object.keys(answer.body.data).sort(), ['methods', 'pending', 'requires_2fa', 'temp_token']);
  t.match(answer.body.data, {
    requires_2fa: true,
    pending: ['second-factor'],
    methods: ['totp', 'backup-code'],
  });
  const sid = sidOf(answer.body.data.temp_token);
  t.equal(await store.redis.exists(sessionKey(sid)), 0, 'there is no session yet');
  const ttl = await store.redis.ttl(pendingKey(sid));
  t.ok(ttl > 270 && ttl <= 300, `it lapses after 300 s: ${ttl}`);
});

t.test('a wrong password looks the same with and without a second factor', async (t) => {
  const { person } = await enrol();

  const answer = await login({ ...person, password: 'not the password at all' });

  isRefusal(t, answer, 'wrong password', 401);
  t.equal(answer.code, 'AUTH_INVALID_CREDENTIALS');
});

t.test(
  'a right code completes the sign-in, on both paths, with the temp token in either place',
  async (t) => {
    const enrolled = await enrol();
    const ways = {
      'verify, body': (temp_token: string, code: string) =>
        ask('POST', '/api/auth/2fa/verify', { body: { code, temp_token } }),
      'verify, bearer': (token: string, code: string) =>
        ask('POST', '/api/auth/2fa/verify', { token, body: { code } }),
      'verify-login, bearer': (token: string, code: string) =>
        ask('POST', '/api/auth/2fa/verify-login', { token, body: { code } }),
      'verify-login, body': (temp_token: string, code: string) =>
        ask('POST', '/api/auth/2fa/verify-login', { body: { code, temp_token } }),
    };

    for (const [what, way] of Object.entries(ways)) {
      await forgetSteps(enrolled.uid);
      const answer = await way(await tempTokenOf(enrolled.person), await codeOf(enrolled.secret));

      t.equal(answer.status, 200, `${what}: ${answer.text}`);
      const { data } = answer.body;
      t.equal(data.mqtt.client_id, data.session_id, what);
      t.ok(await isLive(data.access_token), what);
      t.equal((await renew(data.refresh_token)).status, 200, what);
    }
  },
);

t.test('a session tells how and when somebody signed in, and a renewal leaves that', async (t) => {
  const enrolled = await enrol();
  const { session_id: sid, access_token, refresh_token } = await completeSignIn(enrolled);

  const stored = await store.redis.hgetall(sessionKey(sid));
  t.equal(stored.amr, 'pwd,otp,mfa');
  t.match(claimsOf(access_token), { auth_time: Number(stored.authTimeSeconds), amr: ['pwd', 'otp', 'mfa'] });
  const [seconds] = await store.redis.time();
  t.ok(Number(seconds) - Number(stored.authTimeSeconds) < 40);
  await store.redis.hset(sessionKey(sid), 'authTimeSeconds', 1_000_000);

  const renewed = await renew(refresh_token);

  const claims = claimsOf(renewed.body.data.access_token);
  t.match(claims, { auth_time: 1_000_000, amr: ['pwd', 'otp', 'mfa'] });
  t.match(await store.redis.hgetall(sessionKey(sid)), { amr: 'pwd,otp,mfa', authTimeSeconds: '1000000' });
});

t.test('five wrong codes end the pending sign-in, a new one begins anew', async (t) => {
  const { person, secret } = await enrol();
  const tempToken = await tempTokenOf(person);
  const wrong = await wrongCode(secret);

  for (let i = 0; i < 5; i += 1) t.equal((await verify(tempToken, wrong)).code, 'AUTH_MFA_INVALID');

  t.equal((await verify(tempToken, await codeOf(secret))).code, 'AUTH_SESSION_EXPIRED');
});

t.test('50 parallel wrong codes count: at most five are looked at', async (t) => {
  const { person, secret } = await enrol();
  const tempToken = await tempTokenOf(person);
  const wrong = await wrongCode(secret);

  const answers = await Promise.all(Array.from({ length: 50 }, () => verify(tempToken, wrong)));

  const codes = answers.map(({ code }) => code);
  t.equal(codes.filter((code) => code === 'AUTH_MFA_INVALID').length, 5);
  t.equal(codes.filter((code) => code === 'AUTH_SESSION_EXPIRED').length, 45);
});

t.test('four wrong codes leave one more try', async (t) => {
  const { person, secret } = await enrol();
  const tempToken = await tempTokenOf(person);
  for (let i = 0; i < 4; i += 1) await verify(tempToken, await wrongCode(secret));

  t.equal((await verify(tempToken, await codeOf(secret))).status, 200);
});

t.test('a code counts once: neither again, nor for another sign-in', async (t) => {
  const { person, secret } = await enrol();
  const [first, second] = [await tempTokenOf(person), await tempTokenOf(person)];
  const code = await codeOf(secret);

  t.equal((await verify(first, code)).status, 200);
  t.equal((await verify(first, code)).code, 'AUTH_SESSION_EXPIRED', 'the temp token is dead');
  t.equal((await verify(second, code)).code, 'AUTH_MFA_INVALID', 'the step is used up');
  t.equal((await verify(second, await codeOf(secret, -1))).code, 'AUTH_MFA_INVALID', 'and those before');
  t.equal((await verify(second, await codeOf(secret, 1))).status, 200, 'a later one passes');
});

t.test('of 20 parallel sign-ins with one code one passes', async (t) => {
  const { person, secret } = await enrol();
  const tempTokens: string[] = [];
  for (let i = 0; i < 20; i += 1) tempTokens.push(await tempTokenOf(person));
  const code = await codeOf(secret);

  const answers = await Promise.all(tempTokens.map((tempToken) => verify(tempToken, code)));

  t.equal(answers.filter(({ status }) => status === 200).length, 1);
});

t.test('of 20 parallel uses of one temp token with a right code one passes', async (t) => {
  const { person, secret } = await enrol();
  const tempToken = await tempTokenOf(person);
  const code = await codeOf(secret);

  const answers = await Promise.all(Array.from({ length: 20 }, () => verify(tempToken, code)));

  t.equal(answers.filter(({ status }) => status === 200).length, 1);
  const later = await verify(tempToken, await codeOf(secret, 1));
  t.equal(later.code, 'AUTH_SESSION_EXPIRED', 'its token is dead then, also with the next code');
});

t.test('a lock, a sign-out everywhere or a lapse between the steps stops the second', async (t) => {
  const ends: Record<string, (uid: string, sid: string) => Promise<unknown>> = {
    'disabled, then enabled': async (uid) => {
      await disableAccount(store, { uid, reason: 'test', actor: 'operator' });
      await enableAccount(store, { uid, reason: 'test', actor: 'operator' });
    },
    'still disabled': (uid) => disableAccount(store, { uid, reason: 'test', actor: 'operator' }),
    'all sessions ended': (uid) => revokeAllSessions(store, { uid, reason: 'test', actor: 'operator' }),
    'the 300 s are over': (_uid, sid) => store.redis.del(pendingKey(sid)),
  };

  for (const [what, end] of Object.entries(ends)) {
    const { person, uid, secret } = await enrol();
    const tempToken = await tempTokenOf(person);
    await end(uid, sidOf(tempToken));

    const answer = await verify(tempToken, await codeOf(secret));

    isRefusal(t, answer, what, 401);
    t.equal(answer.code, 'AUTH_SESSION_EXPIRED', what);
  }
});

t.test('a temp token is good for nothing else', async (t) => {
  const { person, tokens } = await enrol();
  const tempToken = await tempTokenOf(person);

  for (const [method, path] of [
    ['GET', '/api/auth/me'],
    ['GET', '/api/auth/sessions'],
    ['GET', '/api/auth/2fa/backup-codes'],
    ['POST', '/api/auth/sessions/terminate-others'],
    ['POST', '/api/auth/logout'],
  ] as const) {
    const answer = await ask(method, path, { token: tempToken });
    t.equal(answer.code, 'AUTH_INVALID_TOKEN', path);
  }
  t.equal((await renew(tempToken)).code, 'AUTH_INVALID_TOKEN', 'as renewal token');
  t.equal((await ask('POST', '/api/auth/2fa/enable', { token: tempToken })).code, 'AUTH_MFA_REQUIRED');
  const stolen = [
    tokens.access_token,
    tokens.refresh_token,
    `${tempToken}x`,
    tempToken.slice(0, -1),
    'pending',
  ];
  for (const token of stolen) {
    t.equal((await verify(token, '123456')).code, 'AUTH_INVALID_TOKEN', 'nor is another token good for it');
  }
  t.equal(
    (await verify(`pending.${sidOf(tempToken)}.k.m`, '123456')).code,
    'AUTH_INVALID_TOKEN',
    'nor a forged one',
  );
});

t.test('a backup code stands in for the authenticator, in any spelling, once', async (t) => {
  const { person, backupCodes, uid } = await enrol();
  const [first = '', second = ''] = backupCodes;
  const spelled = ` ${first.toLowerCase().replaceAll('-', ' ')} `;

  t.equal((await verify(await tempTokenOf(person), spelled)).status, 200);
  t.equal((await verify(await tempTokenOf(person), first)).code, 'AUTH_MFA_INVALID');
  const done = (await verify(await tempTokenOf(person), second)).body.data as Tokens;

  const left = await ask('GET', '/api/auth/2fa/backup-codes', { token: done.access_token });
  t.same(left.body.data, { enabled: true, remaining: 8 });
  t.equal(done.user.id, uid);
  t.equal(await store.redis.hget(sessionKey(done.session_id), 'amr'), 'pwd,otp,mfa');
});

t.test('of 10 parallel uses of one backup code one passes', async (t) => {
  const { person, backupCodes } = await enrol();
  const tempTokens: string[] = [];
  for (let i = 0; i < 10; i += 1) tempTokens.push(await tempTokenOf(person));

  const answers = await Promise.all(tempTokens.map((tempToken) => verify(tempToken, backupCodes[3] ?? '')));

  t.equal(answers.filter(({ status }) => status === 200).length, 1);
});

t.test('a session that the sign-in replaces ends when it is complete, not before', async (t) => {
  const enrolled = await enrol();
  const { username, password } = enrolled.person;
  const token = enrolled.tokens.access_token;
  const begun = await ask('POST', '/api/auth/login', { token, body: { username, password } });
  t.ok(await isLive(token));
  const body = { temp_token: begun.body.data.temp_token, code: await codeOf(enrolled.secret) };

  t.equal((await ask('POST', '/api/auth/2fa/verify', { token, body })).status, 200);

  t.notOk(await isLive(token));
});
