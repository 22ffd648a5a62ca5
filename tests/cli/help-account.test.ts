import t from 'tap';
import { credentialKey, guessesKey } from '../../services/core/redis/keys.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { startSessionStage } from '../support/session-service.ts';
import { cliFor } from './run-cli.ts';

const stage = await startSessionStage(t, { GUESS_FREE_FAILURES: '3' });
const { ask, register, signIn, store, stack } = stage;
const cli = cliFor(stack.runDir.path);
const { enrol } = secondFactorHands(stage);
const next = 'another long enough password';

const login = (username: string, password: string) =>
  ask('POST', '/api/auth/login', { body: { username, password } });

t.test('an account that is blocked after wrong passwords is unlocked', async (t) => {
  const { username, password } = await register();
  for (let i = 0; i < 5; i += 1) await login(username, `wrong, and long enough ${i}`);
  t.equal((await login(username, password)).status, 401, 'the right one is not looked at');

  t.match(await cli(['account', 'unlock', username]), { code: 0, stdout: /^Unlocked / });

  t.equal((await login(username, password)).status, 200);
});

t.test('a forced change ends the sessions and waits at the next sign-in', async (t) => {
  const person = await register();
  const { access_token: token } = await signIn(person);

  t.match(await cli(['account', 'force-password-change', person.username, '--yes']), { code: 0 });

  t.equal((await ask('GET', '/api/auth/me', { token })).code, 'AUTH_TOKEN_REVOKED');
  t.match((await login(person.username, person.password)).body.data, { pending: ['password-change'] });
});

t.test('a lost second factor is removed, once', async (t) => {
  const { person, uid, tokens } = await enrol();

  const removed = await cli.json(['account', 'remove-second-factor', person.username, '--yes']);
  const again = await cli(['account', 'remove-second-factor', person.username, '--yes']);

  t.match(removed, { uid, changed: true });
  t.match(again, { code: 0, stdout: /has no second factor\.\n$/ });
  t.equal(await store.redis.hget(credentialKey(uid), 'totpSecret'), null);
  t.equal((await ask('GET', '/api/auth/me', { token: tokens.access_token })).code, 'AUTH_TOKEN_REVOKED');
  t.ok((await signIn(person)).access_token, 'the password alone signs in');
});

t.test('a reset prints a link that sets one password, and no password itself', async (t) => {
  const person = await register();

  const { token, link } = await cli.json<{ token: string; link: string }>([
    ...['account', 'start-reset', person.username],
  ]);

  t.match(link, `/reset-password#token=${token}`);
  const reset = () => ask('POST', '/api/auth/reset-password', { body: { token, new_password: next } });
  t.equal((await reset()).status, 200);
  t.equal((await reset()).status, 401, 'it works once');
  t.equal((await login(person.username, next)).status, 200);
  const disabled = await register();
  await cli.json(['account', 'disable', disabled.username]);
  t.match(await cli(['account', 'start-reset', disabled.username]), { code: 1, stderr: /is disabled/ });
});

t.test('delays of other accounts stay', async (t) => {
  const [one, other] = [await register(), await register()];
  for (let i = 0; i < 4; i += 1) await login(other.username, `wrong, and long enough ${i}`);
  await cli.json(['account', 'unlock', one.username]);

  const { uid } = await cli.json<{ uid: string }>(['account', 'show', other.username]);
  t.equal(await store.redis.exists(guessesKey({ partition: uid.charAt(0), name: uid }, 'password')), 1);
});
