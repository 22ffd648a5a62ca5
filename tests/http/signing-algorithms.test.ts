import { createHmac, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkPublishedKeys } from '../../services/cli/doctor/services.ts';
import { SettingsError } from '../../services/core/settings/read-settings.ts';
import { readSigningKeys } from '../../services/core/tokens/key-files.ts';
import { signingAlgorithms, toSigningKey, type SigningKey } from '../../services/core/tokens/jwk.ts';
import { readConfig as readWebhookConfig } from '../../services/webhook/config.ts';
import { readConfig } from '../../services/session/config.ts';
import { newSigningKey } from '../../services/stack/key-sets.ts';
import { startStack } from '../../services/stack/stack.ts';
import { cliFor } from '../cli/run-cli.ts';
import { openTestStore } from '../cli/sign-in.ts';
import { basicOf, newClient } from '../support/oauth-client.ts';
import { settingsFor, somebody, startService } from '../support/session-service.ts';
import { makeTestFolder, startTestStack } from '../support/stack.ts';
import { untilServed } from '../support/until.ts';
import { encode, signToken } from '../support/webhook-service.ts';

const cheap = { ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1' };

for (const algorithm of signingAlgorithms) {
  t.test(`${algorithm}: from the sign-in to the broker's check and the introspection`, async (t) => {
    const stack = await startTestStack(t, {
      ...{ parts: ['redis', 'session', 'webhook'], signingAlgorithm: algorithm },
      settings: { session: cheap },
    });
    const client = await newClient(await openTestStore(t, stack.redisAdminUrl));
    const person = somebody();
    const api = `${stack.urls.session}/api/auth`;
    await send(`${api}/register`, person);

    const { data } = (await send(`${api}/login`, person)).body;
    const token = data.access_token as string;
    const check = { username: person.username, password: token, clientid: data.session_id as string };
    const key = { 'x-bednet-key': stack.secrets.brokerKey };
    const asked = new URLSearchParams({ token });

    t.match(headerOf(token), { alg: algorithm, typ: 'at+jwt', kid: /^[A-Za-z0-9_-]{22,43}$/ });
    const granted = await untilServed(() => send(`${stack.urls.webhook}/user`, check, key));
    t.equal(granted.status, 200, 'the webhook');
    const told = await send(`${stack.urls.session}/oauth/introspect`, asked, {
      authorization: basicOf(client.id, client.secret),
    });
    t.match(told.body, { active: true, username: person.username }, 'the introspection');
    await send(`${stack.urls.session}/oauth/revoke`, asked);
    const denied = await untilServed(() => send(`${stack.urls.webhook}/user`, check, key));
    t.equal(denied.status, 403, 'revoked: denied');
    const { keys } = (await (await fetch(`${stack.urls.session}/.well-known/jwks.json`)).json()) as any;
    if (algorithm === 'HS256') t.same(keys, [], 'the key set shows no secret');
    else t.match(keys, [{ alg: algorithm, kid: headerOf(token).kid, use: 'sig' }]);
    t.notOk(keys.some((jwk: object) => 'd' in jwk || 'k' in jwk || 'p' in jwk));
    const [signingKey] = readSigningKeys(stack.secrets.files.signingKeys);
    t.match(await checkPublishedKeys(stack.urls.session, signingKey), [{ severity: 'ok' }], 'doctor agrees');
    const { code, stdout } = await cliFor(stack.runDir.path)(['keys', 'list']);
    t.equal(code, 0);
    t.match(stdout, algorithm);
  });
}

t.test('an existing stack keeps its algorithm until it is rotated', async (t) => {
  const runDir = makeTestFolder(t);
  const stack = await startStack({ runDir, parts: ['redis'] });
  await stack.stop();

  await t.rejects(startStack({ runDir, parts: ['redis'], signingAlgorithm: 'ES256' }), {
    message: /SIGNING_ALGORITHM is ES256, but the key that signs is for EdDSA.*bednet keys rotate/,
  });
});

t.test('every pair of algorithms: no token of one key passes for another', async (t) => {
  const stack = await startTestStack(t, { parts: ['redis'] });
  const folder = makeTestFolder(t);

  for (const [first, second] of pairsOf(signingAlgorithms)) {
    const file = join(folder, `${first}-${second}.json`);
    writeFileSync(file, JSON.stringify({ keys: [newSigningKey(first), newSigningKey(second)] }));
    const [a, b] = readSigningKeys(file) as [SigningKey, SigningKey];
    const service = await startService(t, stack, { SIGNING_KEYS_FILE: file });
    const { access_token: genuine } = await service.signInSomebody();
    const claims = claimsOf(genuine);
    const me = async (token: string) => (await service.ask('GET', '/api/auth/me', { token })).status;

    for (const [ours, other] of [
      [a, b],
      [b, a],
    ] as const) {
      // prettier-ignore
      const what = `${ours.algorithm} beside ${other.algorithm}`;
      t.equal(await me(signToken(claims, ours)), 200, `${what}: the twin`);
      for (const [how, token] of Object.entries(confusions(claims, ours, other)))
        t.equal(await me(token), 401, `${what}: ${how}`);
    }
  }
});

t.test('weak, foreign and doubled keys are named at start-up', async (t) => {
  const stack = await startTestStack(t, { parts: ['redis'] });
  const folder = makeTestFolder(t);
  const secret = (bytes: number) => randomBytes(bytes).toString('base64url');
  const ed = newSigningKey('EdDSA');
  const rsa = (modulusLength: number) =>
    generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ format: 'jwk' });
  const curve = (namedCurve: string) =>
    generateKeyPairSync('ec', { namedCurve }).privateKey.export({ format: 'jwk' });
  const faulty: [string, object[], RegExp][] = [
    ['an HMAC secret of 248 bits', [{ kty: 'oct', kid: 'a', k: secret(31) }], /at least 256 bits/],
    ['an HMAC secret that is empty', [{ kty: 'oct', kid: 'a', k: '' }], /at least 256 bits/],
    ['an HMAC secret that is a number', [{ kty: 'oct', kid: 'a', k: 5 }], /at least 256 bits/],
    ['an HMAC secret without kid', [{ kty: 'oct', k: secret(32) }], /needs a kid/],
    ['RSA 2048', [rsa(2048)], /RSA of at least 3072 bits/],
    ['P-384', [curve('secp384r1')], /must be Ed25519/],
    ['secp256k1', [curve('secp256k1')], /must be Ed25519/],
    ['RSA that is said to be for PS256', [{ ...rsa(3072), alg: 'PS256' }], /for another algorithm/],
    [
      'HS256 that is said to be for HS512',
      [{ ...newSigningKey('HS256'), alg: 'HS512' }],
      /another algorithm/,
    ],
    ['a key for encryption', [{ ...ed, use: 'enc' }], /not for signatures/],
    ['one key twice', [ed, ed], /the same kid/],
    [
      'three algorithms',
      (['EdDSA', 'ES256', 'HS256'] as const).map(newSigningKey),
      /more than two algorithms/,
    ],
    ['a public key', [{ ...ed, d: undefined }], /no private part/],
  ];

  for (const [what, keys, fault] of faulty) {
    const file = join(folder, 'signing-keys.json');
    writeFileSync(file, JSON.stringify({ keys }));
    const error = caught(() => readConfig({ ...settingsFor(stack), SIGNING_KEYS_FILE: file }));
    t.ok(error instanceof SettingsError, what);
    t.match(String(error), /SIGNING_KEYS_FILE can't be used/, what);
    t.match(String(error), fault, what);
    for (const { k, d } of keys as { k?: unknown; d?: unknown }[]) {
      for (const part of [k, d]) if (typeof part === 'string' && part) t.notMatch(String(error), part);
    }
  }
});

t.test('what the webhook verifies with holds no private key, and a secret only for its owner', async (t) => {
  const stack = await startTestStack(t, { parts: ['redis'], signingAlgorithm: 'HS256' });
  const { files } = stack.secrets;
  const config = (file: string) => () =>
    readWebhookConfig({
      REDIS_URL: stack.redisUrl('webhook'),
      VERIFICATION_KEYS_FILE: file,
      BROKER_KEY_FILE: files.brokerKey,
    });

  t.doesNotThrow(config(files.verificationKeys));
  chmodSync(files.verificationKeys, 0o644);
  t.throws(config(files.verificationKeys), { message: /a secret that others can read/ });
  const file = join(makeTestFolder(t), 'keys.json');
  writeFileSync(file, JSON.stringify({ keys: [newSigningKey('EdDSA')] }));
  t.throws(config(file), { message: /holds a private key/ });
  t.equal(readFileSync(files.signingKeys, 'utf8').includes('"kty": "oct"'), true);
});

/** Tokens by which a key of one algorithm is abused as, or under the name of, a key of another (RFC 8725 2.1). */
function confusions(claims: object, ours: SigningKey, other: SigningKey): Record<string, string> {
  const hmacKeys = ours.publicJwk
    ? {
        PEM: String(ours.verifyWith),
        'trimmed PEM': String(ours.verifyWith).trim(),
        'PEM behind a blank': ` ${String(ours.verifyWith)}`,
        JWK: JSON.stringify(ours.publicJwk),
        DER: createPublicKey(ours.verifyWith).export({ type: 'spki', format: 'der' }),
        'x or n': Buffer.from(String(ours.publicJwk.x ?? ours.publicJwk.n), 'base64url'),
      }
    : { 'empty secret': '', kid: ours.kid };
  const stolen = Object.entries(hmacKeys).flatMap(([what, secret]) =>
    [ours.kid, other.kid].map((kid, index) => [
      `HS256 by its ${what} under ${index === 0 ? 'its own' : 'the other'} kid`,
      hmac({ alg: 'HS256', typ: 'at+jwt', kid }, claims, secret),
    ]),
  );
  const header = { typ: 'at+jwt', kid: ours.kid };
  return {
    ...Object.fromEntries(stolen),
    "the other's kid": signToken(claims, { ...ours, kid: other.kid }),
    "the other's kid and algorithm": signToken(claims, ours, { kid: other.kid, alg: other.algorithm }),
    "the other's algorithm": signToken(claims, ours, { alg: other.algorithm }),
    "the other's signature under its kid": signToken(claims, other, { kid: ours.kid }),
    "the other's signature under its kid and algorithm": signToken(claims, other, {
      ...{ kid: ours.kid, alg: ours.algorithm },
    }),
    none: `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`,
    'none with a signature': `${encode({ ...header, alg: 'none' })}.${encode(claims)}.AAAA`,
    'a key of its own': signToken(claims, toSigningKey(newSigningKey(ours.algorithm)), { kid: ours.kid }),
  };
}

function hmac(header: object, claims: object, secret: string | Buffer): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function pairsOf<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((item, index) => items.slice(index + 1).map((other): [T, T] => [item, other]));
}

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

function headerOf(token: string) {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}

function claimsOf(token: string): object {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

async function send(url: string, body: object, headers: Record<string, string> = {}) {
  const isForm = body instanceof URLSearchParams;
  const response = await fetch(url, {
    method: 'POST',
    headers: isForm ? headers : { 'content-type': 'application/json', ...headers },
    body: isForm ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as any };
}
