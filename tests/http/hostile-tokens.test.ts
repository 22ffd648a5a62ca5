import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { startSessionStage } from '../support/session-service.ts';
import { encode, signToken } from '../support/webhook-service.ts';

const { ask, config, logLines, signInSomebody } = await startSessionStage(t);
const [key] = config.signingKeys;
if (!key) throw new Error('no signing key');
const publicKey = createPublicKey(key.verifyWith);
const ourHeader = { alg: 'EdDSA', typ: 'at+jwt', kid: key.kid };

const { access_token: genuine, refresh_token: renewalToken, session_id: sid } = await signInSomebody();
const claims = JSON.parse(Buffer.from(genuine.split('.')[1] ?? '', 'base64url').toString());
const [head = '', body = '', signature = ''] = genuine.split('.');

const me = (token: string) => ask('GET', '/api/auth/me', { token });
const signed = (changes: object, header: Record<string, unknown> = {}) =>
  signToken({ ...claims, ...changes }, key, header);
const without = (name: string) => {
  const { [name]: _dropped, ...rest } = claims;
  return signToken(rest, key);
};
const withHmac = (secret: string | Buffer, alg = 'HS256', changes: object = {}) => {
  const text = `${encode({ ...ourHeader, alg, ...changes })}.${encode(claims)}`;
  return `${text}.${createHmac(alg.replace('HS', 'sha'), secret).update(text).digest('base64url')}`;
};
const byStranger = (header: object) => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;
};
const strangersJwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
const nowSeconds = Math.floor(Date.now() / 1000);

async function refuseAll(t: Test, tokens: Record<string, string>, code = 'AUTH_INVALID_TOKEN') {
  for (const [what, token] of Object.entries(tokens)) {
    const answer = await me(token);
    t.equal(answer.status, 401, what);
    t.equal(answer.code, code, what);
    t.match(answer.headers.get('www-authenticate'), /^Bearer .*error="invalid_token"/, what);
  }
  t.equal((await me(genuine)).status, 200, 'the genuine token still works');
}

t.test('a token that we would sign like this is taken: the twin of every refusal below', async (t) => {
  t.equal((await me(signed({}))).status, 200);
  t.equal((await me(signed({ aud: ['other', 'bednet'] }))).status, 200, 'aud may be a list');
  t.equal((await me(signed({ nbf: nowSeconds - 10 }))).status, 200);
});

t.test('unsigned tokens are refused', (t) =>
  refuseAll(t, {
    ...Object.fromEntries(
      ['none', 'None', 'NONE', 'nOnE', ''].map((alg) => [
        `alg "${alg}"`,
        `${encode({ ...ourHeader, alg })}.${body}.`,
      ]),
    ),
    'alg none with our signature': `${encode({ ...ourHeader, alg: 'none' })}.${body}.${signature}`,
    'no alg': `${encode({ typ: 'at+jwt', kid: key.kid })}.${body}.${signature}`,
    'an empty signature': `${head}.${body}.`,
    'no signature': `${head}.${body}`,
  }),
);

t.test('an HMAC with the public key as its secret is refused', (t) => {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const x = Buffer.from(String(key.publicJwk?.x), 'base64url');
  return refuseAll(t, {
    'the PEM': withHmac(String(key.verifyWith)),
    'the PEM without its last line break': withHmac(String(key.verifyWith).trim()),
    'the PEM behind a blank': withHmac(` ${String(key.verifyWith)}`),
    'the PEM behind a line break': withHmac(`\n${String(key.verifyWith)}`),
    'the DER form': withHmac(der),
    'the raw key': withHmac(x),
    'the JWK': withHmac(JSON.stringify(key.publicJwk)),
    HS384: withHmac(String(key.verifyWith), 'HS384'),
    HS512: withHmac(String(key.verifyWith), 'HS512'),
    'no secret at all': withHmac(''),
    'HS256 without a kid': withHmac(String(key.verifyWith), 'HS256', { kid: undefined }),
  });
});

t.test('our key with the name of another algorithm is refused', (t) => {
  const names = ['ES256', 'RS256', 'PS256', 'ES512', 'HS256', 'Ed25519', 'eddsa', 'EdDSA '];
  return refuseAll(t, Object.fromEntries(names.map((alg) => [alg, signed({}, { alg })])));
});

t.test('a kid is matched exactly and does nothing else', (t) =>
  refuseAll(t, {
    ...Object.fromEntries(
      [
        '../../../../dev/null',
        `${key.kid} `,
        `${key.kid}'--`,
        `' OR 1=1 --`,
        '"; FLUSHALL; "',
        '__proto__',
        'constructor',
        '',
        key.kid.toLowerCase(),
        'x'.repeat(10_240),
      ].map((kid) => [`kid ${kid.slice(0, 40)}`, signed({}, { kid })]),
    ),
    'no kid': signed({}, { kid: undefined }),
    'kid as a list': signed({}, { kid: [key.kid] }),
    'kid as an object': signed({}, { kid: { toString: key.kid } }),
    'kid null': signed({}, { kid: null }),
  }),
);

t.test('keys that a token brings along are useless and nobody is asked for any', async (t) => {
  let visits = 0;
  const server = createServer((_request, response) => {
    visits += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;

  await refuseAll(t, {
    'an embedded jwk': byStranger({ ...ourHeader, jwk: strangersJwk }),
    'an embedded jwk without our kid': byStranger({ alg: 'EdDSA', typ: 'at+jwt', jwk: strangersJwk }),
    jku: byStranger({ ...ourHeader, jku: url }),
    x5u: byStranger({ ...ourHeader, x5u: url }),
    x5c: byStranger({ ...ourHeader, x5c: ['MIIB'] }),
    'jku under our own signature': signed({}, { jku: url }),
    'a jwk under our own signature': signed({}, { jwk: strangersJwk }),
    'kid as an address': byStranger({ ...ourHeader, kid: url }),
    'another key, our kid': byStranger(ourHeader),
  });

  t.equal(visits, 0);
  await new Promise((resolve) => server.close(resolve));
});

t.test('a header that says more than we say is refused', (t) =>
  refuseAll(t, {
    'unknown crit': signed({}, { crit: ['exp2'], exp2: 1 }),
    'empty crit': signed({}, { crit: [] }),
    'crit b64': signed({}, { crit: ['b64'], b64: false }),
    zip: signed({}, { zip: 'DEF' }),
    cty: signed({}, { cty: 'JWT' }),
  }),
);

t.test('another kind of token is refused', (t) =>
  refuseAll(t, {
    'typ JWT': signed({}, { typ: 'JWT' }),
    'no typ': signed({}, { typ: undefined }),
    'typ of a pending session': signed({}, { typ: 'pending+jwt' }),
    'typ id token': signed({}, { typ: 'id+jwt' }),
    'typ as a list': signed({}, { typ: ['at+jwt'] }),
    'a renewal token': renewalToken,
  }),
);

t.test('claims that are wrong, missing or of another type are refused', (t) =>
  refuseAll(t, {
    ...Object.fromEntries(
      ['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp', 'username'].map((name) => [
        `no ${name}`,
        without(name),
      ]),
    ),
    'another issuer': signed({ iss: 'http://localhost:9999' }),
    'issuer with a slash': signed({ iss: `${claims.iss}/` }),
    'issuer as a list': signed({ iss: [claims.iss] }),
    'another audience': signed({ aud: 'other' }),
    'audiences without ours': signed({ aud: ['other', 'bednet2'] }),
    'an empty audience': signed({ aud: [] }),
    'audience as a number': signed({ aud: 5 }),
    'exp as text': signed({ exp: String(claims.exp) }),
    'exp negative': signed({ exp: -1 }),
    'exp not whole': signed({ exp: claims.exp + 0.5 }),
    'exp null': signed({ exp: null }),
    'exp beyond all numbers': signed({ exp: 1e300 }),
    'iat as text': signed({ iat: String(claims.iat) }),
    'nbf as text': signed({ nbf: 'now' }),
    'sub of another account': signed({ sub: `${sid.charAt(0)}${'A'.repeat(21)}` }),
    'sub in another partition': signed({ sub: `${sid.startsWith('A') ? 'B' : 'A'}${'A'.repeat(21)}` }),
    'sid unknown': signed({ sid: `${sid.charAt(0)}${'A'.repeat(21)}` }),
    'sid malformed': signed({ sid: `${sid}:x` }),
    'sid as a list': signed({ sid: [sid] }),
    'a generation not yet issued': signed({ jti: '99.x' }),
    'a generation that is none': signed({ jti: 'x.1' }),
    'generation zero': signed({ jti: '0.x' }),
    'a payload that is a list': `${head}.${encode([claims])}.${signature}`,
    'a payload that is text': signToken('x' as never, key),
  }),
);

t.test('only the compact form in its one spelling is a token', (t) => {
  const last = signature.slice(-1);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const twin = signature.slice(0, -1) + alphabet.charAt(alphabet.indexOf(last) + 1);
  t.same(Buffer.from(twin, 'base64url'), Buffer.from(signature, 'base64url'), 'the twin has the same bytes');
  const json = JSON.stringify({ payload: body, protected: head, signature });
  return refuseAll(t, {
    'a twin of the signature': `${head}.${body}.${twin}`,
    padding: `${genuine}=`,
    'padding inside': `${head}==.${body}.${signature}`,
    'four parts': `${genuine}.x`,
    'five parts': `${head}.x.x.${body}.${signature}`,
    'the JSON form': json.replaceAll(' ', ''),
    'plain base64': genuine.replaceAll('-', '+').replaceAll('_', '/').replace(/$/, '+'),
    'a percent sign': `${genuine}%00`,
    'a dot at the end': `${genuine}.`,
    'dots only': '..',
    'a signature of another payload': `${head}.${encode({ ...claims, role: 'admin' })}.${signature}`,
    'a truncated signature': `${head}.${body}.${signature.slice(0, -4)}`,
    'longer than any of ours': `${head}.${body}${'A'.repeat(5000)}.${signature}`,
    'a header with a byte order mark': `${Buffer.from(`\ufeff${JSON.stringify(ourHeader)}`).toString('base64url')}.${body}.${signature}`,
  });
});

t.test('the log holds no token and no kid of a stranger', async (t) => {
  const log = logLines.join('');

  t.notMatch(log, genuine.slice(0, 200));
  t.notMatch(log, signature);
  t.notMatch(log, renewalToken);
  t.notMatch(log, 'FLUSHALL');
  t.notMatch(log, 'xxxxxxxxxx');
  t.notMatch(log, '/dev/null');
});

t.test('the key set that anybody may read has public members only', async (t) => {
  const { body, headers } = await ask('GET', '/.well-known/jwks.json');

  t.same(body.keys, [key.publicJwk]);
  t.same(Object.keys(body.keys[0]).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  t.not(body.keys[0].x, createPrivateKey(key.signWith).export({ format: 'jwk' }).d);
  t.equal(headers.get('cache-control'), 'public, max-age=300');
});
