import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import t from 'tap';
import { accessTokenClaims } from '../../services/core/tokens/access-token-claims.ts';
import { issueRenewalToken } from '../../services/core/tokens/renewal-token.ts';
import { audience, encode, signToken, startWebhookStage } from '../support/webhook-service.ts';

const stage = await startWebhookStage(t);
const { issuer, signingKey: key } = stage;
const alice = await stage.signIn({ username: 'alice' });
const nowMs = alice.accessUntilMs - 900_000;
const subject = {
  ...{ uid: alice.uid, sid: alice.sid, username: 'alice', roles: ['user'], permissions: [] },
  ...{ generation: 1, nowMs, accessUntilMs: alice.accessUntilMs },
  ...{ authTimeSeconds: Math.floor(nowMs / 1000), amr: ['pwd'] },
};
const claims = accessTokenClaims(subject, { issuer, audience });
const [header64 = '', payload64 = '', signature64 = ''] = alice.token.split('.');

const ed25519 = generateKeyPairSync('ed25519');
const otherKey = {
  kid: key.kid,
  algorithm: 'EdDSA' as const,
  signWith: ed25519.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};
const otherJwk = ed25519.publicKey.export({ format: 'jwk' });
const rsaKey = {
  kid: key.kid,
  algorithm: 'RS256' as const,
  signWith: generateKeyPairSync('rsa', { modulusLength: 3072 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString(),
};
const signed = (changed: object, header: Record<string, unknown> = {}) =>
  signToken({ ...claims, ...changed }, key, header);
const without = (name: string) => signToken(omit(claims, name), key);

const refused: [name: string, token: string][] = [
  // J1: no signature (RFC 8725 3.1)
  ['alg none, empty signature', `${encode({ alg: 'none', typ: 'at+jwt', kid: key.kid })}.${payload64}.`],
  [
    'alg none, the old signature',
    `${encode({ alg: 'none', typ: 'at+jwt', kid: key.kid })}.${payload64}.${signature64}`,
  ],
  ['alg None', `${encode({ alg: 'None', typ: 'at+jwt', kid: key.kid })}.${payload64}.${signature64}`],
  ['alg nOnE', `${encode({ alg: 'nOnE', typ: 'at+jwt', kid: key.kid })}.${payload64}.AA`],
  ['no alg', `${encode({ typ: 'at+jwt', kid: key.kid })}.${payload64}.${signature64}`],
  ['no signature', `${header64}.${payload64}.`],
  // J2: HMAC with the public key (CVE-2023-48223)
  ['HS256 by the public PEM', hmacToken(String(key.verifyWith))],
  ['HS256 by the public PEM, trimmed', hmacToken(String(key.verifyWith).trim())],
  ['HS256 by a blank-prefixed public PEM', hmacToken(` ${String(key.verifyWith)}`)],
  ['HS256 by the public x', hmacToken(String(key.publicJwk?.x))],
  ['HS256 by nothing', hmacToken('')],
  // J3: one algorithm per key
  ['RS256 under our kid', signToken(claims, rsaKey)],
  ['our signature called ES256', signToken(claims, key, { alg: 'ES256' })],
  ['our signature called Ed25519', signToken(claims, key, { alg: 'Ed25519' })],
  // J4: type (RFC 9068 4)
  ['typ JWT', signToken(claims, key, { typ: 'JWT' })],
  ['typ id', signToken(claims, key, { typ: 'id+jwt' })],
  ['no typ', signToken(claims, key, { typ: undefined })],
  ['typ as a number', signToken(claims, key, { typ: 1 })],
  // J5: issuer and audience
  ['another issuer', signed({ iss: 'http://evil.example' })],
  ['the issuer with a slash', signed({ iss: `${issuer}/` })],
  ['no issuer', without('iss')],
  ['another audience', signed({ aud: 'other' })],
  ['a list of other audiences', signed({ aud: ['other', `${audience}x`] })],
  ['no audience', without('aud')],
  // J6: keys in the header
  ['another key under our kid', signToken(claims, otherKey)],
  ['an embedded jwk', signToken(claims, otherKey, { jwk: otherJwk })],
  ['jku', signToken(claims, otherKey, { jku: 'http://127.0.0.1:1/jwks.json' })],
  ['x5u', signToken(claims, otherKey, { x5u: 'http://127.0.0.1:1/cert.pem' })],
  ['x5c', signToken(claims, otherKey, { x5c: ['AAAA'] })],
  // J7: kid
  ['no kid', signToken(claims, key, { kid: undefined })],
  ['an unknown kid', signToken(claims, key, { kid: 'x' })],
  ['kid as a path', signToken(claims, key, { kid: `../${key.kid}` })],
  ['kid as a device', signToken(claims, key, { kid: '/dev/null' })],
  ['kid with quotes', signToken(claims, key, { kid: `' OR '1'='1` })],
  ['kid __proto__', signToken(claims, key, { kid: '__proto__' })],
  ['kid as a list', signToken(claims, key, { kid: [key.kid] })],
  ['kid of 2 KB', signToken(claims, key, { kid: 'k'.repeat(2048) })],
  ['kid of 10 KB', signToken(claims, key, { kid: 'k'.repeat(10_240) })],
  // J8: crit (RFC 7515 4.1.11)
  ['unknown crit', signToken(claims, key, { crit: ['x'], x: 1 })],
  ['empty crit', signToken(claims, key, { crit: [] })],
  // J9: times
  ['expired', signed({ iat: claims.iat - 2000, exp: claims.iat - 6 })],
  ['no exp', without('exp')],
  ['exp as text', signed({ exp: String(claims.exp) })],
  ['exp as a fraction', signed({ exp: claims.exp + 0.5 })],
  ['exp null', signed({ exp: null })],
  ['no iat', without('iat')],
  ['issued in the future', signed({ iat: claims.iat + 3600, exp: claims.exp + 3600 })],
  // J10: compact form only
  ['four parts', `${alice.token}.${signature64}`],
  ['five parts', `${alice.token}.a.b`],
  ['two parts', `${header64}.${payload64}`],
  ['padding', `${alice.token}=`],
  ['a blank before', ` ${alice.token}`],
  ['a line break behind', `${alice.token}\n`],
  ['plain base64', `${header64}.${payload64}.${Buffer.from(signature64, 'base64url').toString('base64')}`],
  ['JSON form', JSON.stringify({ protected: header64, payload: payload64, signature: signature64 })],
  ['the signature with other spare bits', respell(alice.token)],
  ['a prefix', `Bearer ${alice.token}`],
  // the content
  [
    'another payload under the signature',
    `${header64}.${encode({ ...claims, role: 'admin' })}.${signature64}`,
  ],
  ['a signature cut short', alice.token.slice(0, -2)],
  ['a payload that is a list', signToken([claims], key)],
  ['a payload that is text', signToken('x' as unknown as object, key)],
  ['sub of no form', signed({ sub: 'alice' })],
  ['sub of another partition', signed({ sub: otherPartition(alice.uid) })],
  ['no sid', without('sid')],
  ['sid as a list', signed({ sid: [alice.sid] })],
  ['no jti', without('jti')],
  ['jti without generation', signed({ jti: 'x' })],
  ['username as a list', signed({ username: ['alice'] })],
  // R14: other secrets of ours
  [
    'a renewal token',
    issueRenewalToken({ sid: alice.sid, generation: 1 }, { kid: 'a', secret: randomBytes(32) }),
  ],
  ['the sid', alice.sid],
  ['the broker key', stage.stack.secrets.brokerKey],
];

for (const [name, token] of refused) {
  t.test(`a sign-in with ${name} is denied`, async (t) => {
    const byPassword = await stage.askUser({ username: 'alice', password: token, clientid: alice.clientId });

    t.equal(byPassword.status, 403);
    t.match(byPassword.reason, /^token-(malformed|refused|expired|not-yet-valid)$/);

    if (/[^\x21-\x7e]/.test(token)) return;
    const byBearer = await stage.ask('/user', { body: 'null', bearer: token });
    t.equal(byBearer.status, 403, 'in place of the username');
    const acl = { clientid: alice.clientId, topic: 'users/alice/x', acc: 2 };
    const byTopic = await stage.ask('/acl', { json: acl, bearer: token });
    if (name !== 'expired' && name !== 'issued in the future') t.equal(byTopic.status, 403, 'at a topic');
  });
}

t.test('the allowed twins of those tokens are granted', async (t) => {
  const granted: [name: string, token: string][] = [
    ['as issued', alice.token],
    ['signed by this test', signed({})],
    ['one audience of several', signed({ aud: [audience, 'other'] })],
    ['another role in the token', signed({ role: 'admin' })],
    ['more claims', signed({ foo: { bar: 1 } })],
  ];
  for (const [name, token] of granted) {
    t.equal(
      (await stage.askUser({ username: 'alice', password: token, clientid: alice.clientId })).status,
      200,
      name,
    );
    t.equal((await stage.ask('/user', { body: 'null', bearer: token })).status, 200, `${name}, as username`);
  }
});

t.test('a token that has just expired is granted: clocks differ by 5 s', async (t) => {
  const expired = () => signed({ iat: claims.iat - 900, exp: Math.floor(Date.now() / 1000) });
  const byPassword = await stage.askUser({
    ...{ username: 'alice', password: expired(), clientid: alice.clientId },
  });
  t.equal(byPassword.status, 200);
  t.equal((await stage.ask('/user', { body: 'null', bearer: expired() })).status, 200, 'as username');
});

t.test('a role in the token gives no right: the session says which', async (t) => {
  const admin = signed({ role: 'admin', roles: ['admin'], permissions: ['*'] });
  const acl = { clientid: alice.clientId, topic: 'users/bob/x', acc: 2 };

  t.equal((await stage.ask('/acl', { json: acl, bearer: admin })).reason, 'no-rule-allows');
});

t.test('no token and no key reaches the log', async (t) => {
  const { readFileSync } = await import('node:fs');
  const log = readFileSync(stage.stack.part('webhook').logFile, 'utf8');

  t.notOk(log.includes(signature64), 'signature');
  t.notOk(log.includes(payload64), 'payload');
  t.notOk(log.includes(stage.stack.secrets.brokerKey), 'broker key');
  t.notOk(log.includes(alice.sid), 'whole session id');
});

function hmacToken(secret: string): string {
  const input = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: key.kid })}.${payload64}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** The same bytes spelled with other unused bits: 64 bytes end in a character of which only two bits count. */
function respell(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + alphabet.charAt(alphabet.indexOf(token.slice(-1)) ^ 1);
}

function otherPartition(uid: string): string {
  return (uid.startsWith('A') ? 'B' : 'A') + uid.slice(1);
}

function omit(from: object, name: string): object {
  return Object.fromEntries(Object.entries(from).filter(([key]) => key !== name));
}
