import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { SettingsError } from '../../services/core/settings/read-settings.ts';
import { readConfig } from '../../services/session/config.ts';
import { settingsFor } from '../support/session-service.ts';
import { makeTestFolder, startTestStack } from '../support/stack.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const folder = makeTestFolder(t);
const right = settingsFor(stack);
const main = join(import.meta.dirname, '..', '..', 'services', 'session', 'main.ts');

/** A file with this content. */
const file = (name: string, content: string | object) => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const jwks = (...keys: object[]) => ({ keys });
const rsa = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits });

/** The names of the settings that are at fault, and all that is said about them. */
const faultsOf = (changes: Record<string, string | undefined>) => {
  try {
    readConfig({ ...right, ...changes });
    return { names: [], text: '' };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { names: error.faults.map(({ name }) => name), text: error.message };
  }
};

/** Runs the service as a process; `whenReady` is called once it listens and has told what is waited for. */
const run = (
  settings: Record<string, string>,
  whenReady?: (kill: (signal?: NodeJS.Signals) => void) => void,
  awaited = '',
) => {
  const { promise, resolve } = Promise.withResolvers<{
    code: number | null;
    stdout: string;
    stderr: string;
  }>();
  const child = spawn(process.execPath, [main], { env: settings, stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    if (!stdout.includes('listening') || !stdout.includes(awaited)) return;
    whenReady?.((signal) => child.kill(signal ?? 'SIGTERM'));
    whenReady = undefined;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  child.on('close', (code) => resolve({ code, stdout, stderr }));
  return promise;
};

t.test('the settings of a stack are right, and the defaults are the documented ones', async (t) => {
  const config = readConfig(right);

  t.match(config, {
    host: '127.0.0.1',
    port: 8080,
    audience: 'bednet',
    replicasRequired: 0,
    lives: {
      accessTtlSeconds: 900,
      renewalIdleSeconds: 604_800,
      absoluteSeconds: 2_592_000,
      renewalGraceSeconds: 10,
      sessionsPerAccount: 20,
    },
    hashCost: { memoryKib: 19_456, passes: 2, parallelism: 1 },
    passwordPolicy: {
      minCodePoints: 15,
      minCodePointsWithFactor: 8,
      maxCodePoints: 256,
      minUpperCase: 0,
      minDigits: 0,
      minSymbols: 0,
    },
    accounts: { registration: 'open', needsVerifiedEmail: false, termsVersion: '', passwordExpiryDays: 0 },
    mail: undefined,
    productName: 'Bednet',
    secondFactor: { allowsEmail: false, freshSeconds: 300, idleSeconds: 3600, absoluteSeconds: 86_400 },
    shortIdleSeconds: 43_200,
    guessing: { freeFailures: 5, firstDelaySeconds: 30, failuresInARow: 100, signInsPerAccount: 60 },
    corsOrigins: [],
    trustedProxies: [],
    docsAccess: 'local',
    metricsAccess: 'local',
  });
  t.ok(Object.isFrozen(config));
});

t.test('each wrong value is named', async (t) => {
  const wrong: [string, string][] = [
    ['SESSION_PORT', '80800'],
    ['SESSION_PORT', '8080a'],
    ['SESSION_PORT', '-1'],
    ['LOG_LEVEL', 'loud'],
    ['ISSUER', 'localhost'],
    ['REDIS_URL', 'localhost:6380'],
    ['REDIS_URL', 'redis://127.0.0.1:6380'],
    ['REDIS_URL', 'redis://session@127.0.0.1:6380'],
    ['REDIS_URL', 'redis://session:pw@redis.example.org:6380'],
    ['REDIS_URL', 'redis://session:pw@127.0.0.1.example.org:6380'],
    ['REDIS_URL', 'http://session:pw@127.0.0.1:6380'],
    ['REDIS_REPLICAS_REQUIRED', 'one'],
    ['ACCESS_TTL_SECONDS', '0'],
    ['ACCESS_TTL_SECONDS', '15m'],
    ['ACCESS_TTL_SECONDS', '1e3'],
    ['ACCESS_TTL_SECONDS', '900.5'],
    ['ACCESS_TTL_SECONDS', '0x10'],
    ['RENEWAL_GRACE_SECONDS', '3600'],
    ['SESSIONS_PER_ACCOUNT', '0'],
    ['ARGON2_MEMORY_KIB', '1'],
    ['ARGON2_TIME', '0'],
    ['SESSION_SHORT_IDLE_SECONDS', '0'],
    ['GUESS_PRESET', 'none'],
    ['GUESS_FREE_FAILURES', '0'],
    ['GUESS_FAILURES_IN_A_ROW', '-1'],
    ['SIGN_INS_PER_ACCOUNT', '1h'],
    ['PASSWORD_MIN_LENGTH', '7'],
    ['PASSWORD_MIN_LENGTH', '65'],
    ['PASSWORD_MAX_LENGTH', '257'],
    ['PASSWORD_MIN_DIGITS', '17'],
    ['PASSWORD_EXPIRY_DAYS', '-1'],
    ['REGISTRATION', 'closed'],
    ['EMAIL_VERIFICATION', 'yes'],
    ['EMAIL_VERIFICATION', 'required'],
    ['TERMS_VERSION', 'two words'],
    ['SMTP_CA_FILE', join(folder, 'nowhere')],
    ['SMTP_CA_FILE', file('no-certificate', 'x')],
    ['MAIL_FROM', 'nobody'],
    ['PUBLIC_URL', 'http://example.org'],
    ['PRODUCT_NAME', 'x'.repeat(65)],
    ['MQTT_URL', 'http://localhost'],
    ['MQTT_WEBSOCKET_URL', 'mqtt://localhost'],
    ['DIALECTS', 'plain'],
    ['DIALECTS', 'native,klingon'],
    ['PLAIN_TOKEN_NAMES', 'jwt'],
    ['PLAIN_RENEWAL_TRANSPORT', 'header'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'null'],
    ['CORS_ORIGINS', 'https://example.org/'],
    ['CORS_ORIGINS', 'https://example.org,example.com'],
    ['TRUSTED_PROXIES', 'everybody'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['DOCS_ACCESS', 'yes'],
    ['EMAIL_SECOND_FACTOR', 'yes'],
    ['EMAIL_SECOND_FACTOR', 'on'],
    ['FRESH_SIGN_IN_SECONDS', '0'],
    ['METRICS_ACCESS', 'no'],
    ['SIGNING_KEYS_FILE', join(folder, 'nowhere')],
    ['RENEWAL_KEYS_FILE', folder],
  ];

  for (const [name, value] of wrong) {
    const { names, text } = faultsOf({ [name]: value });
    t.same(names, [name], `${name}=${value}: ${text}`);
    t.notMatch(text, ':pw@', 'and a password is not repeated');
  }
});

t.test('mail by a server needs a sender, and its address is not repeated', async (t) => {
  const server = 'smtps://user:hunter2@mail.example.org';

  t.same(faultsOf({ SMTP_URL: server }).names, ['MAIL_FROM']);
  const { names, text } = faultsOf({ SMTP_URL: `${server}/path`, MAIL_FROM: 'a@example.org' });
  t.same(names, ['SMTP_URL']);
  t.notMatch(text, 'hunter2');
  t.match(readConfig({ ...right, SMTP_URL: server, MAIL_FROM: 'a@example.org' }).mail, {
    smtpUrl: server,
    publicUrl: 'http://localhost:8080',
  });
  t.match(readConfig({ ...right, MAIL_FOLDER: folder, SESSION_PORT: '9' }).mail, {
    folder,
    publicUrl: 'http://localhost:9',
    productName: 'Bednet',
  });
  const lengths = { PASSWORD_MIN_LENGTH: '20', PASSWORD_MAX_LENGTH: '19' };
  t.same(faultsOf(lengths).names, ['PASSWORD_MAX_LENGTH']);
  t.same(faultsOf({ EMAIL_VERIFICATION: 'required', MAIL_FOLDER: folder }).names, []);
});

t.test('what looks unusual but is right is taken', async (t) => {
  const fine: [string, string][] = [
    ['REDIS_URL', 'rediss://session:pw@redis.example.org:6380'],
    ['REDIS_URL', 'redis://session:pw@[::1]:6380'],
    ['REDIS_URL', 'redis://session:pw@localhost:6380'],
    ['ISSUER', 'https://id.example.org/bednet'],
    ['DIALECTS', 'plain, native'],
    ['PLAIN_TOKEN_NAMES', 'accessToken'],
    ['CORS_ORIGINS', 'https://example.org, http://localhost:5173'],
    ['TRUSTED_PROXIES', '10.0.0.0/8, ::1'],
    ['MQTT_WEBSOCKET_URL', 'wss://mqtt.example.org/mqtt'],
    ['ACCESS_TTL_SECONDS', ''],
    ['DOCS_ACCESS', 'everyone'],
  ];

  for (const [name, value] of fine) t.same(faultsOf({ [name]: value }).names, [], `${name}=${value}`);
});

t.test('weak, damaged or missing secrets are named and never quoted', async (t) => {
  const weakRsa = rsa(2048);
  const ecdsa = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  const ed = generateKeyPairSync('ed25519');
  const secret = 'kTq8Zr0vX2mN5pL7wS9yB1cD3fG4hJ6k';
  const wrong: [string, string][] = [
    ['SIGNING_KEYS_FILE', file('rsa', jwks(weakRsa.privateKey.export({ format: 'jwk' })))],
    ['SIGNING_KEYS_FILE', file('p384', jwks(ecdsa.privateKey.export({ format: 'jwk' })))],
    ['SIGNING_KEYS_FILE', file('public', jwks(ed.publicKey.export({ format: 'jwk' })))],
    ['SIGNING_KEYS_FILE', file('none', jwks())],
    ['SIGNING_KEYS_FILE', file('text', `{"keys":[${secret}]}`)],
    ['SIGNING_KEYS_FILE', file('oct', jwks({ kty: 'oct', k: secret, d: secret }))],
    ['SIGNING_KEYS_FILE', file('null', 'null')],
    ['RENEWAL_KEYS_FILE', file('short', jwks({ kid: 'a', secret: secret.slice(0, 20) }))],
    ['RENEWAL_KEYS_FILE', file('nokid', jwks({ secret }))],
    ['RENEWAL_KEYS_FILE', file('broken', `{"keys":[{"kid":"a","secret":"${secret}`)],
    ['PASSWORD_PEPPER_FILE', file('pepper', secret)],
    ['PASSWORD_PEPPER_FILE', file('empty', '')],
    ['SECOND_FACTOR_KEY_FILE', file('short-key', secret)],
  ];

  for (const [name, path] of wrong) {
    const { names, text } = faultsOf({ [name]: path });
    t.same(names, [name], path);
    t.notMatch(text, secret.slice(0, 8), path);
  }
});

t.test('all faults are told at once, by name, with exit code 1 and no stack trace', async (t) => {
  const { code, stdout, stderr } = await run({
    SESSION_PORT: 'many',
    LOG_LEVEL: 'loud',
    REDIS_URL: 'redis://127.0.0.1:1',
    PASSWORD_PEPPER_FILE: join(folder, 'nowhere'),
  });

  t.equal(code, 1);
  t.equal(stdout, '');
  const lines = stderr.trimEnd().split('\n');
  t.same(
    lines.map((line) => line.split(' ', 2).join(' ')).sort(),
    [
      'setting LOG_LEVEL',
      'setting PASSWORD_PEPPER_FILE',
      'setting REDIS_URL',
      'setting RENEWAL_KEYS_FILE',
      'setting SECOND_FACTOR_KEY_FILE',
      'setting SESSION_PORT',
      'setting SIGNING_KEYS_FILE',
    ],
    stderr,
  );
});

t.test('a port in use is told in one line, with exit code 1', async (t) => {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
  const { port } = squatter.address() as AddressInfo;

  const { code, stdout } = await run({ ...right, LOG_LEVEL: 'fatal', SESSION_PORT: String(port) });

  t.equal(code, 1);
  t.match(stdout, new RegExp(`can't listen on 127.0.0.1 port ${port}`));
  t.equal(stdout.trim().split('\n').length, 1);
  squatter.close();
});

t.test('it starts without Redis, is unhealthy, and ends in order on SIGTERM', async (t) => {
  const { code, stdout } = await run(
    { ...right, SESSION_PORT: '0', REDIS_URL: 'redis://session:wrong-password@127.0.0.1:1' },
    (kill) => kill(),
  );

  t.equal(code, 0);
  t.match(stdout, 'Redis does not answer yet');
  t.match(stdout, 'the service ends');
  t.notMatch(stdout, 'wrong-password');
});

t.test('a wrong Redis password is told and not logged', async (t) => {
  const url = new URL(right['REDIS_URL'] ?? '');
  url.password = 'wrong-password';

  const settings = { ...right, SESSION_PORT: '0', REDIS_URL: url.href };
  const { stdout } = await run(settings, (kill) => kill(), 'WRONGPASS');

  t.match(stdout, /WRONGPASS/);
  t.notMatch(stdout, 'wrong-password');
});

t.test('an error that nobody caught ends the service with exit code 1', async (t) => {
  const bomb = file('bomb.mjs', "process.on('SIGUSR1', () => Promise.reject(new Error('boom')));");
  const settings = { ...right, SESSION_PORT: '0', NODE_OPTIONS: `--import=${bomb}` };

  const { code, stdout } = await run(settings, (kill) => kill('SIGUSR1'));

  t.equal(code, 1);
  t.match(stdout, /"level":60.*boom/);
});
