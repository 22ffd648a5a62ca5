import t from 'tap';
import { guessesKey } from '../../services/core/redis/keys.ts';
import { seen } from '../support/seen.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { startSessionStage } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { ask, store } = stage;
const { enrol, codeOf, login, tempTokenOf, verify, forgetSteps } = secondFactorHands(stage);

const lift = (uid: string, kind: string) =>
  store.redis.del(guessesKey({ partition: uid.charAt(0), name: uid }, kind));

t.test('too many wrong codes delay further ones, right or wrong, which look alike', async (t) => {
  const { person, secret, uid } = await enrol();
  const first = await tempTokenOf(person);
  for (let i = 0; i < 5; i += 1) await verify(first, '000000');
  const second = await tempTokenOf(person);

  const right = await verify(second, await codeOf(secret));
  const wrong = await verify(second, '000000');

  t.equal(right.code, 'AUTH_MFA_INVALID');
  t.same(seen(right), seen(wrong));
  await lift(uid, 'second-factor');
  t.equal((await verify(second, await codeOf(secret))).status, 200, 'a blocked code is not used up');
});

t.test('passwords, codes and backup codes are counted apart', async (t) => {
  const { person, backupCodes, secret, tokens, uid } = await enrol();
  const tempToken = await tempTokenOf(person);
  for (let i = 0; i < 5; i += 1) await verify(tempToken, '000000');

  t.equal((await login(person)).status, 200, 'the password is not delayed');
  t.equal((await verify(await tempTokenOf(person), backupCodes[0] ?? '')).status, 200, 'nor a backup code');
  await lift(uid, 'second-factor');
  const token = tokens.access_token;
  for (let i = 0; i < 7; i += 1) {
    await ask('POST', '/api/auth/step-up', { token, body: { password: 'not the password at all' } });
  }
  t.equal((await login(person)).code, 'AUTH_INVALID_CREDENTIALS', 'the password is delayed');
  await forgetSteps(uid);
  const disabled = await ask('POST', '/api/auth/2fa/disable', {
    token,
    body: { code: await codeOf(secret) },
  });
  t.equal(disabled.status, 200, 'a code is not');
});

t.test('codes can’t be guessed by a signed-in thief either', async (t) => {
  const { tokens, secret } = await enrol();
  const disable = (code: string) =>
    ask('POST', '/api/auth/2fa/disable', { token: tokens.access_token, body: { code } });
  for (let i = 0; i < 5; i += 1) await disable('000000');

  t.equal((await disable(await codeOf(secret))).code, 'AUTH_MFA_INVALID');
});

t.test('a right code forgets wrong codes and nothing else', async (t) => {
  const { person, secret, uid } = await enrol();
  const tempToken = await tempTokenOf(person);
  for (let i = 0; i < 4; i += 1) await verify(tempToken, '000000');
  await verify(tempToken, 'ABCD-EFGH-JKLM-NPQR');
  const next = await tempTokenOf(person);
  await verify(next, 'ABCD-EFGH-JKLM-NPQR');

  t.equal((await verify(next, await codeOf(secret))).status, 200);

  const rowOf = async (kind: string) =>
    store.redis.hgetall(guessesKey({ partition: uid.charAt(0), name: uid }, kind));
  t.match(JSON.stringify(await rowOf('backup-code')), /"2 /, 'two wrong backup codes');
  t.notMatch(JSON.stringify(await rowOf('second-factor')), /"4 /);
});
