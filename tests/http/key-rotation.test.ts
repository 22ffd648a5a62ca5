import { createHmac, generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readSigningKeys } from '../../services/core/tokens/key-files.ts';
import { startService, startSessionStage } from '../support/session-service.ts';
import { makeTestFolder } from '../support/stack.ts';
import { encode, signToken } from '../support/webhook-service.ts';

const stage = await startSessionStage(t);
const { stack } = stage;
const folder = makeTestFolder(t);
const oldKey = JSON.parse(readFileSync(stack.secrets.files.signingKeys, 'utf8')).keys[0];
const oldRenewalKey = JSON.parse(readFileSync(stack.secrets.files.renewalKeys, 'utf8')).keys[0];
const newKeys = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey,
  ES256: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey,
};

const keySet = (name: string, ...keys: object[]) => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ keys }), { mode: 0o600 });
  return path;
};
const headerOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

for (const [algorithm, key] of Object.entries(newKeys)) {
  t.test(`during a rotation to ${algorithm} the old key verifies, the new one signs`, async (t) => {
    const old = await stage.signInSomebody();
    const both = keySet(`${algorithm}-both`, key.export({ format: 'jwk' }), oldKey);
    const service = await startService(t, stack, { SIGNING_KEYS_FILE: both });
    const me = (token: string) => service.ask('GET', '/api/auth/me', { token });

    const fresh = await service.signInSomebody();

    t.equal(headerOf(fresh.access_token).alg, algorithm);
    t.equal((await me(fresh.access_token)).status, 200);
    t.equal((await me(old.access_token)).status, 200, 'tokens of the old key live to their end');
    const { keys } = (await service.ask('GET', '/.well-known/jwks.json')).body;
    t.same(
      keys.map(({ kid }: { kid: string }) => kid),
      [headerOf(fresh.access_token).kid, headerOf(old.access_token).kid],
    );
    for (const jwk of keys) {
      t.same(
        Object.keys(jwk).filter((name) => /^(d|p|q|dp|dq|qi|k|oth)$/.test(name)),
        [],
        'public members only',
      );
    }
    t.equal(
      (await stage.ask('GET', '/api/auth/me', { token: fresh.access_token })).code,
      'AUTH_INVALID_TOKEN',
    );
  });

  t.test(`${algorithm} is not confused with another algorithm`, async (t) => {
    const both = keySet(`${algorithm}-confused`, key.export({ format: 'jwk' }), oldKey);
    const service = await startService(t, stack, { SIGNING_KEYS_FILE: both });
    const [ours, ed] = readSigningKeys(both);
    if (!ours || !ed) throw new Error('two keys expected');
    const { access_token: genuine } = await service.signInSomebody();
    const claims = claimsOf(genuine);
    const hmac = (secret: string) => {
      const text = `${encode({ ...headerOf(genuine), alg: 'HS256' })}.${encode(claims)}`;
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    };
    const hostile = {
      'HS256 with the public key': hmac(String(ours.verifyWith)),
      'HS256 with the public key behind a blank': hmac(` ${String(ours.verifyWith)}`),
      'the kid of the old key': signToken(claims, { ...ours, kid: ed.kid }),
      'the kid and algorithm of the old key': signToken(claims, { ...ours, kid: ed.kid, algorithm: 'EdDSA' }),
      'the old key under the new kid': signToken(claims, { ...ed, kid: ours.kid }),
      'the old key under the new kid and algorithm': signToken(claims, {
        ...ed,
        kid: ours.kid,
        algorithm: ours.algorithm,
      }),
      PS256: signToken(claims, ours, { alg: 'PS256' }),
      RS512: signToken(claims, ours, { alg: 'RS512' }),
      ES384: signToken(claims, ours, { alg: 'ES384' }),
      none: `${encode({ ...headerOf(genuine), alg: 'none' })}.${encode(claims)}.`,
    };

    for (const [what, token] of Object.entries(hostile)) {
      t.equal((await service.ask('GET', '/api/auth/me', { token })).code, 'AUTH_INVALID_TOKEN', what);
    }
    for (const signer of [ours, ed]) {
      const token = signToken(claims, signer);
      t.equal(
        (await service.ask('GET', '/api/auth/me', { token })).status,
        200,
        `the twin: ${signer.algorithm}`,
      );
    }
  });
}

t.test('a signing key that was retired is refused', async (t) => {
  const old = await stage.signInSomebody();
  const only = keySet('only-new', newKeys.ES256.export({ format: 'jwk' }));
  const service = await startService(t, stack, { SIGNING_KEYS_FILE: only });

  t.equal((await service.ask('GET', '/api/auth/me', { token: old.access_token })).code, 'AUTH_INVALID_TOKEN');
  const renewed = await service.renew(old.refresh_token);
  t.equal(renewed.status, 200, 'the renewal token brings a token of the new key');
  t.equal((await service.ask('GET', '/api/auth/me', { token: renewed.body.data.access_token })).status, 200);
});

t.test('a renewal key that is no longer first still renews; a retired one is refused', async (t) => {
  const old = await stage.signInSomebody();
  const next = { kid: 'next', secret: Buffer.alloc(32, 9).toString('base64url') };
  const rotated = await startService(t, stack, { RENEWAL_KEYS_FILE: keySet('r-both', next, oldRenewalKey) });
  const retired = await startService(t, stack, { RENEWAL_KEYS_FILE: keySet('r-next', next) });

  t.equal((await retired.renew(old.refresh_token)).code, 'AUTH_INVALID_TOKEN');
  const renewed = await rotated.renew(old.refresh_token);
  t.equal(renewed.status, 200);
  t.equal(renewed.body.data.refresh_token.split('.')[2], 'next');
  t.equal((await retired.renew(renewed.body.data.refresh_token)).status, 200);
});
