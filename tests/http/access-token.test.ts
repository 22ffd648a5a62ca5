import t from 'tap';
import { sessionKey } from '../../services/core/redis/keys.ts';
import { startSessionStage } from '../support/session-service.ts';
import { signToken } from '../support/webhook-service.ts';

const { ask, config, signInSomebody, store } = await startSessionStage(t);
const [key] = config.signingKeys;
if (!key) throw new Error('no signing key');

const { access_token: genuine } = await signInSomebody();
const claims = JSON.parse(Buffer.from(genuine.split('.')[1] ?? '', 'base64url').toString());
const nowSeconds = Math.floor(Date.now() / 1000);

const me = (token: string) => ask('GET', '/api/auth/me', { token });
const signed = (changes: object) => signToken({ ...claims, ...changes }, key);

/** The answer to a token that ran out a second before it was sent, while the leeway of five goes on. */
async function meInLeeway() {
  for (;;) {
    const exp = Number((await store.redis.time())[0]) - 1;
    const answer = await me(signed({ exp }));
    if (Number((await store.redis.time())[0]) < exp + 5) return answer;
  }
}

t.test('time is judged by the clock of Redis, with five seconds of leeway', async (t) => {
  const expired = { iat: nowSeconds - 900, exp: nowSeconds - 10 };

  t.equal((await me(signed(expired))).code, 'AUTH_TOKEN_EXPIRED');
  t.equal(
    (await me(signed({ iat: nowSeconds + 60, exp: nowSeconds + 900 }))).code,
    'AUTH_INVALID_TOKEN',
    'iat ahead',
  );
  t.equal((await me(signed({ nbf: nowSeconds + 60 }))).code, 'AUTH_INVALID_TOKEN', 'nbf ahead');
  t.equal((await meInLeeway()).status, 200, 'within the leeway');
});

t.test('the clock of the service changes no decision', async (t) => {
  const { now } = Date;
  for (const hours of [-1, 1]) {
    Date.now = () => now() + hours * 3_600_000;
    try {
      t.equal((await me(genuine)).status, 200, `${hours} h`);
      t.equal((await me(signed({ exp: nowSeconds - 10 }))).code, 'AUTH_TOKEN_EXPIRED', `${hours} h`);
      const fresh = await signInSomebody();
      t.equal(fresh.expires_in, 900);
      const { iat } = JSON.parse(Buffer.from(fresh.access_token.split('.')[1] ?? '', 'base64url').toString());
      t.ok(Math.abs(iat - now() / 1000) < 1800, 'iat comes from Redis, not from a clock an hour off');
    } finally {
      Date.now = now;
    }
  }
});

t.test('a token counts in the Authorization header only, as Bearer', async (t) => {
  const at = (path: string, headers: Record<string, string>) =>
    ask('GET', `/api/auth/me${path}`, { headers });
  const nowhere = {
    'in the query': await at(`?access_token=${genuine}&token=${genuine}`, {}),
    'in a cookie': await at('', { cookie: `access_token=${genuine}; token=${genuine}` }),
    'in another header': await at('', { 'x-access-token': genuine }),
    'as Basic': await at('', { authorization: `Basic ${genuine}` }),
    'without a scheme': await at('', { authorization: genuine }),
    twice: await at('', { authorization: `Bearer ${genuine} ${genuine}` }),
    empty: await at('', { authorization: 'Bearer ' }),
  };

  for (const [where, answer] of Object.entries(nowhere)) {
    t.equal(answer.code, 'AUTH_UNAUTHORIZED', where);
    t.equal(answer.headers.get('www-authenticate'), 'Bearer realm="bednet"', where);
  }
  t.equal(
    (await at('', { authorization: `bearer ${genuine}` })).status,
    200,
    'the scheme counts in any case',
  );
});

t.test('a valid signature is worth nothing without a live session', async (t) => {
  const { access_token: token, session_id: other, user } = await signInSomebody();
  const key = sessionKey(other);
  const stored = await store.redis.hgetall(key);

  await store.redis.hset(key, 'uid', `${other.charAt(0)}${'A'.repeat(21)}`);
  t.equal((await me(token)).code, 'AUTH_INVALID_TOKEN', "another account's session");
  await store.redis.hset(key, 'uid', user.id, 'state', 'revoked');
  t.equal((await me(token)).code, 'AUTH_TOKEN_REVOKED');
  await store.redis.hset(key, 'state', 'something new');
  t.equal((await me(token)).status, 401, 'an unknown state');
  await store.redis.del(key);
  t.equal((await me(token)).code, 'AUTH_INVALID_TOKEN', 'missing');
  await store.redis.hset(key, { uid: user.id, state: 'active' });
  t.equal((await me(token)).status, 401, 'half of a session');
  await store.redis.hset(key, stored);
  t.equal((await me(token)).status, 200, 'as it was');
});
