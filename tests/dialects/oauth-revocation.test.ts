import t from 'tap';
import { sessionKey } from '../../services/core/redis/keys.ts';
import { issueRenewalToken } from '../../services/core/tokens/renewal-token.ts';
import { newClient, postForm } from '../support/oauth-client.ts';
import { startSessionStage, type Tokens } from '../support/session-service.ts';
import { signToken } from '../support/webhook-service.ts';

const stage = await startSessionStage(t);
const { store, config } = stage;
const client = await newClient(store);
const asClient = { authorization: client.basic };
const revoke = (token: string, headers: Record<string, string> = asClient, more: object = {}) =>
  postForm(stage, '/oauth/revoke', { token, ...more }, headers);
const isDead = async ({ access_token: token, refresh_token: renewal }: Tokens) =>
  (await stage.ask('GET', '/api/auth/me', { token })).status === 401 &&
  (await stage.renew(renewal)).code === 'AUTH_TOKEN_REVOKED';

for (const name of ['access_token', 'refresh_token'] as const) {
  t.test(`revoking an ${name} ends its session, both tokens with it`, async (t) => {
    const tokens = await stage.signInSomebody();
    const bystander = await stage.signInSomebody();

    const { status, headers } = await revoke(tokens[name]);

    t.equal(status, 200);
    t.equal(headers.get('cache-control'), 'no-store');
    t.ok(await isDead(tokens));
    t.match(await store.redis.hgetall(sessionKey(tokens.session_id)), {
      state: 'revoked',
      reason: 'token-revoked',
      actor: `client:${client.id}`,
    });
    t.equal((await stage.ask('GET', '/api/auth/me', { token: bystander.access_token })).status, 200);
  });

  t.test(`the holder of an ${name} can revoke it without being a client`, async (t) => {
    const tokens = await stage.signInSomebody();

    t.equal((await revoke(tokens[name], {})).status, 200);

    t.ok(await isDead(tokens));
    t.equal(await store.redis.hget(sessionKey(tokens.session_id), 'actor'), tokens.user.id);
  });
}

t.test('a wrong hint does not save a token', async (t) => {
  const tokens = await stage.signInSomebody();

  await revoke(tokens.refresh_token, asClient, { token_type_hint: 'access_token' });

  t.ok(await isDead(tokens));
});

t.test('revoking twice, at once or later, is no error and tells the same', async (t) => {
  const tokens = await stage.signInSomebody();

  const answers = await Promise.all(Array.from({ length: 5 }, () => revoke(tokens.access_token)));
  answers.push(await revoke(tokens.refresh_token), await revoke('unknown'), await revoke('a.b.c'));

  for (const { status, text } of answers) t.same({ status, text }, { status: 200, text: '{}' });
});

t.test('an old token ends its session too: whoever revokes it wants that', async (t) => {
  const old = await stage.signInSomebody();
  const newer = (await stage.renew(old.refresh_token)).body.data as Tokens;

  await revoke(old.refresh_token);

  t.ok(await isDead(newer));
});

t.test('a token that we never made ends nothing', async (t) => {
  const tokens = await stage.signInSomebody();
  const [key] = config.signingKeys;
  const [renewalKey] = config.renewalKeys;
  if (!key || !renewalKey) throw new Error('no key');
  const claims = JSON.parse(Buffer.from(tokens.access_token.split('.')[1] ?? '', 'base64url').toString());
  const forged = [
    issueRenewalToken({ sid: tokens.session_id, generation: 1 }, { ...renewalKey, secret: Buffer.alloc(32) }),
    signToken(claims, key, { typ: 'JWT' }),
    signToken({ ...claims, aud: 'other' }, key),
    tokens.access_token.slice(0, -8) + 'AAAAAAAA',
    tokens.session_id,
  ];

  for (const token of forged) t.equal((await revoke(token)).status, 200);

  t.equal((await stage.ask('GET', '/api/auth/me', { token: tokens.access_token })).status, 200);
});

t.test('wrong credentials are refused though none are needed', async (t) => {
  const tokens = await stage.signInSomebody();

  const { status, body } = await revoke(tokens.access_token, { authorization: 'Basic eDp5' });

  t.equal(status, 401);
  t.match(body, { error: 'invalid_client' });
  t.equal((await stage.ask('GET', '/api/auth/me', { token: tokens.access_token })).status, 200);
});
