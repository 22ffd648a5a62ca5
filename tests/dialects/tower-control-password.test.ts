import t from 'tap';
import { disableAccount } from '../../services/core/accounts/change-account-state.ts';
import { accountKey } from '../../services/core/redis/keys.ts';
import { expectStatus } from '../support/session-service.ts';
import { isResult, startTowerStage, withSettings } from './tower-stage.ts';

const stage = await startTowerStage(t);
const { call, register, signin, signinSomebody, trySignin, isLive, uidOf, age, store } = stage;
const { mailsTo, newestMail, untilDelivered, demandNewPassword, upgrade } = stage;

const next = 'another long enough password';
const changed = 'user-profile-password-changed';
const change = (token: string, body: object) => call('PUT', 'profile/password/change', { token, body });
const reset = (body: object) => call('PUT', 'profile/password/reset', { body });
const request = (body: unknown) => call('POST', 'profile/password/request', { body });
const keysTo = async (address: string) =>
  (await mailsTo(address)).flatMap(
    ({ text }) => /\/front\/public\/password-change\?verificationKey=(\S+)/.exec(text)?.[1] ?? [],
  );
/** The key in a mail that is asked for. */
const keyFor = async (address: string): Promise<string> => {
  expectStatus(await request({ email: address }), 200);
  await untilDelivered();
  return (await keysTo(address)).at(-1) ?? '';
};

t.test('after a fresh sign-in the password is changed, and all other sessions end', async (t) => {
  const { person, jwtToken: token } = await signinSomebody();
  const other = await signin(person);

  isResult(t, await change(token, { password: next, changeKey: '' }), 200, changed);

  t.ok(await isLive(token));
  t.notOk(await isLive(other.jwtToken));
  t.ok((await upgrade(token)).mqtt, 'this session goes on');
  isResult(t, await trySignin(person), 400, 'user-login-refused');
  t.equal((await trySignin({ ...person, password: next })).status, 200);
  t.match((await newestMail(person.email)).subject, 'password');
});

t.test('after five minutes a change needs the current password', async (t) => {
  const { person, jwtToken: token, mqtt } = await signinSomebody();
  await age(mqtt?.client_id ?? '', 301);

  isResult(t, await change(token, { password: next }), 403, 'user-profile-no-access');
  const wrong = { password: next, currentPassword: 'not the password at all' };
  isResult(t, await change(token, wrong), 403, 'user-profile-no-access');
  isResult(t, await change(token, { password: next, currentPassword: person.password }), 200, changed);
});

t.test('a wrong current password is no way around, fresh or not', async (t) => {
  const { jwtToken: token } = await signinSomebody();

  const wrong = { password: next, currentPassword: 'not the password at all' };
  isResult(t, await change(token, wrong), 403, 'user-profile-no-access');
});

t.test('an unfit password is refused', async (t) => {
  const { jwtToken: token } = await signinSomebody();
  const key = '0'.repeat(128);

  for (const password of ['short', 'passwordpassword', 'x'.repeat(1100), undefined, [next], 12, '']) {
    const what = JSON.stringify(password)?.slice(0, 40);
    isResult(t, await change(token, { password }), 400, 'user-profile-password-not-valid', what);
    isResult(t, await reset({ password, changeKey: key }), 400, 'user-profile-password-not-valid', what);
  }
  isResult(
    t,
    await call('PUT', 'profile/password/change', { token }),
    400,
    'user-profile-password-not-valid',
  );
});

t.test('while a change is due a pending token is enough, but the password must be another one', async (t) => {
  const person = await register();
  await demandNewPassword(person);
  const { jwtToken: token, passwordExpired } = await signin(person);
  t.ok(passwordExpired);

  isResult(t, await change(token, { password: person.password }), 400, 'user-profile-change-failed');
  isResult(t, await change(token, { password: next }), 200, changed);
  isResult(t, await change(token, { password: `${next}!` }), 403, 'user-profile-no-access', 'no more');

  t.ok((await upgrade(token)).mqtt);
});

t.test('too many wrong current passwords of a network are refused', async (t) => {
  const { person, jwtToken: token } = await signinSomebody();
  const few = await withSettings(t, stage, { GUESS_FAILURES_PER_NETWORK: '1' });
  await few.trySignin({ ...person, password: 'not the password at all' });

  const body = { password: next, currentPassword: person.password };
  const answer = await few.call('PUT', 'profile/password/change', { token, body });

  isResult(t, answer, 400, 'user-profile-change-failed');
});

t.test('a change for an account that has gone says so', async (t) => {
  const { person, jwtToken: token } = await signinSomebody();
  await store.redis.del(accountKey(await uidOf(person)));

  isResult(t, await change(token, { password: next }), 403, 'user-profile-user-not-found');
});

t.test('a link to a new password is mailed; the answer tells nothing', async (t) => {
  const person = await register();
  const disabled = await register();
  await disableAccount(store, { uid: await uidOf(disabled), reason: 'test', actor: 'test' });
  const asked = [{ email: person.email }, { email: disabled.email }, { email: 'nobody@example.org' }];

  for (const body of [...asked, {}, { email: '' }, { email: [person.email] }, { email: 7 }, []]) {
    isResult(t, await request(body), 200, 'user-profile-password-lost-done', JSON.stringify(body));
  }

  await untilDelivered();
  const [key = '', ...more] = await keysTo(person.email);
  t.match(key, /^[0-9a-f]{128}$/);
  t.same(more, []);
  t.same(await mailsTo(disabled.email), []);
  const few = await withSettings(t, stage, { FORGOT_REQUESTS_PER_NETWORK: '1' });
  const limited = await few.call('POST', 'profile/password/request', { body: { email: person.email } });
  isResult(t, limited, 200, 'user-profile-password-lost-done', 'too many');
});

t.test('a key sets a new password once, ends all sessions and signs nobody in', async (t) => {
  const { person, jwtToken } = await signinSomebody();
  const changeKey = await keyFor(person.email);

  const unchanged = await reset({ password: person.password, changeKey });
  isResult(t, unchanged, 400, 'user-profile-change-failed', 'the password that the account has');
  isResult(t, await reset({ password: next, changeKey }), 200, changed);

  t.notOk(await isLive(jwtToken));
  t.equal((await trySignin({ ...person, password: next })).status, 200);
  isResult(t, await reset({ password: `${next}!`, changeKey }), 403, 'user-profile-key-not-found', 'once');
});

t.test('a key is looked at after the password: first its length, then whether it is known', async (t) => {
  const person = await register();
  const older = await keyFor(person.email);
  const newer = await keyFor(person.email);
  const notFound = [
    older,
    newer.replace(/^../, '00'),
    '0'.repeat(128),
    'z'.repeat(128),
    newer.slice(0, -1) + 'g',
  ];

  for (const changeKey of [undefined, '', newer.slice(1), `${newer}0`]) {
    isResult(t, await reset({ password: next, changeKey }), 400, 'user-profile-key-not-valid');
  }
  for (const changeKey of notFound) {
    isResult(t, await reset({ password: next, changeKey }), 403, 'user-profile-key-not-found', changeKey);
  }
  isResult(t, await reset({ password: 'short', changeKey: '' }), 400, 'user-profile-password-not-valid');
  isResult(t, await reset({ password: next, changeKey: newer.toUpperCase() }), 200, changed);
});

t.test('of ten parallel uses of a key one wins', async (t) => {
  const person = await register();
  const changeKey = await keyFor(person.email);

  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => reset({ password: `${next} ${i}`, changeKey })),
  );

  t.equal(answers.filter(({ status }) => status === 200).length, 1);
});
