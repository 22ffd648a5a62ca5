import t from 'tap';
import { disableAccount, enableAccount } from '../../services/core/accounts/change-account-state.ts';
import { eventsKey, sessionKey } from '../../services/core/redis/keys.ts';
import { issueRenewalToken } from '../../services/core/tokens/renewal-token.ts';
import { startSessionStage, type Tokens } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { ask, renew, signInSomebody, store } = stage;

const me = (token: string) => ask('GET', '/api/auth/me', { token });

/** What Redis holds of a session, made so that `seconds` more have passed since its rotation. */
const age = async (sid: string, seconds: number) => {
  const rotatedAtMs = Number(await store.redis.hget(sessionKey(sid), 'rotatedAtMs'));
  await store.redis.hset(sessionKey(sid), 'rotatedAtMs', rotatedAtMs - seconds * 1000);
};

const events = async (sid: string) => {
  const entries = await store.redis.xrange(eventsKey(sid.charAt(0)), '-', '+');
  const all = entries.map(([, fields]) => Object.fromEntries(pairsOf(fields)));
  return all
    .filter((event) => event['sid'] === sid)
    .map(({ type, reason }) => `${type} ${reason ?? ''}`.trim());
};

t.test('a renewal token rotates into a new pair', async (t) => {
  const first = await signInSomebody();

  const answer = await renew(first.refresh_token);

  t.equal(answer.status, 200);
  const second = answer.body.data as Tokens;
  t.not(second.refresh_token, first.refresh_token);
  t.not(second.access_token, first.access_token);
  t.equal(second.session_id, first.session_id);
  t.equal((await me(second.access_token)).status, 200);
  t.equal((await me(first.access_token)).status, 200, 'the old access token lives until its own end');
});

t.test('a renewal whose answer was lost is repeated, and the token given then works', async (t) => {
  const first = await signInSomebody();
  const lost = (await renew(first.refresh_token)).body.data as Tokens;
  await age(first.session_id, 3600);

  const repeated = await renew(first.refresh_token);

  t.equal(repeated.status, 200, 'the child was never used: time does not matter');
  t.equal(repeated.body.data.refresh_token, lost.refresh_token);
  t.equal((await renew(lost.refresh_token)).status, 200);
});

t.test('within the grace the parent gives the current pair again, used child or not', async (t) => {
  const first = await signInSomebody();
  const second = (await renew(first.refresh_token)).body.data as Tokens;
  await me(second.access_token);

  const repeated = await renew(first.refresh_token);

  t.equal(repeated.status, 200);
  t.equal(repeated.body.data.refresh_token, second.refresh_token);
});

t.test('50 parallel renewals of one token are one rotation and give one renewal token', async (t) => {
  const first = await signInSomebody();

  const answers = await Promise.all(Array.from({ length: 50 }, () => renew(first.refresh_token)));

  t.same(new Set(answers.map((answer) => answer.status)), new Set([200]));
  t.equal(new Set(answers.map((answer) => answer.body.data.refresh_token)).size, 1);
  t.equal(await store.redis.hget(sessionKey(first.session_id), 'generation'), '2');
  const checks = await Promise.all(answers.slice(0, 5).map((answer) => me(answer.body.data.access_token)));
  t.same(
    checks.map((answer) => answer.status),
    [200, 200, 200, 200, 200],
  );
});

for (const [how, use] of [
  ['an access token of the child was seen', (child: Tokens) => me(child.access_token)],
  ['the child renewal token came back', (child: Tokens) => renew(child.refresh_token)],
] as const) {
  t.test(`a parent after the grace, when ${how}, is reuse and ends the session`, async (t) => {
    const first = await signInSomebody();
    const second = (await renew(first.refresh_token)).body.data as Tokens;
    await use(second);
    await age(first.session_id, 11);

    const reuse = await renew(first.refresh_token);

    t.equal(reuse.status, 401);
    t.equal(reuse.code, 'AUTH_INVALID_TOKEN');
    const stored = await store.redis.hgetall(sessionKey(first.session_id));
    t.match(stored, { state: 'revoked', reason: 'reuse', actor: 'system' }, 'stored before the answer');
    t.equal((await me(second.access_token)).code, 'AUTH_TOKEN_REVOKED', 'access tokens are dead');
    t.equal((await renew(second.refresh_token)).code, 'AUTH_TOKEN_REVOKED');
    const told = await events(first.session_id);
    t.match(told.join(), /reuse-detected (late-parent|ancestor)/);
    t.ok(told.includes('session-revoked reuse'));
  });
}

t.test('a grandparent is reuse even within the grace', async (t) => {
  const first = await signInSomebody();
  const second = (await renew(first.refresh_token)).body.data as Tokens;
  await renew(second.refresh_token);

  const reuse = await renew(first.refresh_token);

  t.equal(reuse.code, 'AUTH_INVALID_TOKEN');
  t.ok((await events(first.session_id)).includes('reuse-detected ancestor'));
});

t.test('many rotations in one second stay ordered', async (t) => {
  let tokens: Tokens = await signInSomebody();
  for (let i = 0; i < 30; i += 1) tokens = (await renew(tokens.refresh_token)).body.data as Tokens;

  t.equal((await renew(tokens.refresh_token)).status, 200);
  t.equal(await store.redis.hget(sessionKey(tokens.session_id), 'generation'), '32');
});

t.test('a generation that was never issued is refused and recorded; the session goes on', async (t) => {
  const tokens = await signInSomebody();
  const [key] = stage.config.renewalKeys;
  const future = issueRenewalToken({ sid: tokens.session_id, generation: 7 }, key!);

  const refused = await renew(future);

  t.equal(refused.status, 401);
  t.equal(refused.code, 'AUTH_INVALID_TOKEN');
  t.ok((await events(tokens.session_id)).includes('renewal-not-issued not-issued'));
  t.equal((await renew(tokens.refresh_token)).status, 200);
});

t.test('a forged renewal token touches nothing', async (t) => {
  const tokens = await signInSomebody();
  const [sid, generation, kid, mac = ''] = tokens.refresh_token.split('.');
  const before = await store.redis.hgetall(sessionKey(tokens.session_id));
  const otherLast = mac.endsWith('A') ? 'B' : 'A';
  const forged = {
    'another mac': `${sid}.${generation}.${kid}.${'A'.repeat(43)}`,
    'a changed mac': `${sid}.${generation}.${kid}.${mac.slice(0, -1)}${otherLast}`,
    'an older generation': `${sid}.0.${kid}.${mac}`,
    'the mac of another generation': `${sid}.2.${kid}.${mac}`,
    'a key that was retired': `${sid}.${generation}.old.${mac}`,
    'no key': `${sid}.${generation}..${mac}`,
    'five parts': `${tokens.refresh_token}.x`,
    'three parts': `${sid}.${generation}.${kid}`,
    'a padded mac': `${tokens.refresh_token}=`,
    'a blank in front': ` ${tokens.refresh_token}`,
    'a generation with a plus': `${sid}.+1.${kid}.${mac}`,
    'a generation in exponents': `${sid}.1e0.${kid}.${mac}`,
    'a mac of wide characters': `${sid}.${generation}.${kid}.${'é'.repeat(43)}`,
    'a huge generation': `${sid}.999999999999999999999.${kid}.${mac}`,
    'the words of another language': 'нет',
  };

  for (const [what, token] of Object.entries(forged)) {
    const answer = await renew(token);
    t.equal(answer.status, 401, what);
    t.equal(answer.code, 'AUTH_INVALID_TOKEN', what);
  }

  t.same(await store.redis.hgetall(sessionKey(tokens.session_id)), before);
  t.equal((await renew(tokens.refresh_token)).status, 200, 'the genuine one still works');
});

t.test('renewal tokens and access tokens do not stand in for one another', async (t) => {
  const tokens = await signInSomebody();

  t.equal((await me(tokens.refresh_token)).code, 'AUTH_INVALID_TOKEN');
  t.equal((await renew(tokens.access_token)).code, 'AUTH_INVALID_TOKEN');
  t.equal((await me(tokens.access_token)).status, 200);
  t.equal((await renew(tokens.refresh_token)).status, 200);
});

t.test('the renewal token of a disabled account is refused, also after it is enabled again', async (t) => {
  const tokens = await signInSomebody();
  const change = { uid: tokens.user.id, reason: 'test', actor: 'operator' };

  await disableAccount(store, change);
  const disabled = await renew(tokens.refresh_token);
  await enableAccount(store, change);
  const enabled = await renew(tokens.refresh_token);

  for (const refused of [disabled, enabled]) {
    t.equal(refused.status, 401);
    t.equal(refused.code, 'AUTH_TOKEN_REVOKED');
  }
});

t.test('a session past its idle or absolute life has expired, for both tokens', async (t) => {
  for (const field of ['idleUntilMs', 'absoluteUntilMs']) {
    const tokens = await signInSomebody();
    await store.redis.hset(sessionKey(tokens.session_id), field, 1);

    t.equal((await renew(tokens.refresh_token)).code, 'AUTH_SESSION_EXPIRED', field);
    t.equal((await me(tokens.access_token)).code, 'AUTH_SESSION_EXPIRED', field);
  }
});

t.test('neither token outlives the absolute life, however often it is renewed', async (t) => {
  const tokens = await signInSomebody();
  const nowMs = Date.now();
  await store.redis.hset(
    sessionKey(tokens.session_id),
    'absoluteUntilMs',
    nowMs + 60_000,
    'accessUntilMs',
    nowMs,
  );

  const renewed = (await renew(tokens.refresh_token)).body.data as Tokens;

  t.ok(renewed.expires_in <= 60, `${renewed.expires_in} s`);
  t.ok(renewed.refresh_expires_in <= 60);
});

t.test('a session that Redis lost grants nothing', async (t) => {
  const tokens = await signInSomebody();
  await store.redis.del(sessionKey(tokens.session_id));

  t.equal((await renew(tokens.refresh_token)).status, 401);
  t.equal((await me(tokens.access_token)).status, 401);
  t.equal(await store.redis.exists(sessionKey(tokens.session_id)), 0, 'and is not made anew');
});

t.test('a renewal that meets a revocation loses', async (t) => {
  for (let round = 0; round < 10; round += 1) {
    const tokens = await signInSomebody();

    const [renewed] = await Promise.all([
      renew(tokens.refresh_token),
      ask('POST', '/api/auth/logout', { token: tokens.access_token }),
    ]);

    const access = renewed.status === 200 ? renewed.body.data.access_token : tokens.access_token;
    const renewal = renewed.status === 200 ? renewed.body.data.refresh_token : tokens.refresh_token;
    t.equal((await me(access)).code, 'AUTH_TOKEN_REVOKED');
    t.equal((await renew(renewal)).code, 'AUTH_TOKEN_REVOKED');
  }
});

function pairsOf(flat: string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] ?? '', flat[2 * i + 1] ?? '']);
}
