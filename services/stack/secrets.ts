import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRenewalKeys, readSecret, readSigningKeys } from '../core/tokens/key-files.ts';
import { StackError } from './stack-error.ts';

/** The users of redis/users.acl. */
export type RedisUser = 'session' | 'webhook' | 'cli' | 'stack';

const redisUsers: readonly RedisUser[] = ['session', 'webhook', 'cli', 'stack'];

/** A stack's secrets: the values that go into rendered files, and the paths that the services read themselves. */
export interface Secrets {
  redisPasswords: Record<RedisUser, string>;
  brokerKey: string;
  files: {
    signingKeys: string;
    verificationKeys: string;
    renewalKeys: string;
    pepper: string;
    secondFactorKey: string;
    brokerKey: string;
  };
}

/**
 * Makes the secrets that are missing in `folder` and checks those that exist. To rotate one, delete its file and
 * start the stack again. The public key set is derived from the private one each time.
 * Throws a StackError that names the file if one is damaged or readable by others.
 */
export function ensureSecrets(folder: string): Secrets {
  const files = {
    signingKeys: join(folder, 'signing-keys.json'),
    verificationKeys: join(folder, 'verification-keys.json'),
    renewalKeys: join(folder, 'renewal-keys.json'),
    pepper: join(folder, 'pepper'),
    secondFactorKey: join(folder, 'second-factor-key'),
    brokerKey: join(folder, 'broker-key'),
  };
  const signingKeys = ensureFile(files.signingKeys, newSigningKeys, readSigningKeys);
  writeWhole(files.verificationKeys, json({ keys: signingKeys.map((key) => key.publicJwk) }), 0o644);
  ensureFile(files.renewalKeys, newRenewalKeys, readRenewalKeys);
  ensureFile(files.pepper, newSecret, readSecret);
  ensureFile(files.secondFactorKey, newSecret, readSecret);
  return {
    redisPasswords: ensureRedisPasswords(folder),
    brokerKey: ensureFile(files.brokerKey, newSecret, readSecretText),
    files,
  };
}

/** Reads the password of one Redis user; throws a StackError if it isn't there. */
export function readRedisPassword(folder: string, user: RedisUser): string {
  return readChecked(redisPasswordFile(folder, user), readSecretText);
}

/** Writes the address, with password, at which the operator's commands find Redis. */
export function writeCliRedisUrl(folder: string, url: string): void {
  writeWhole(join(folder, 'cli-redis-url'), `${url}\n`, 0o600);
}

/** SHA-256 in hex, the form in which users.acl holds a password. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function ensureRedisPasswords(folder: string): Record<RedisUser, string> {
  const passwords: Record<RedisUser, string> = { session: '', webhook: '', cli: '', stack: '' };
  for (const user of redisUsers) {
    passwords[user] = ensureFile(redisPasswordFile(folder, user), newSecret, readSecretText);
  }
  return passwords;
}

function redisPasswordFile(folder: string, user: RedisUser): string {
  return join(folder, `redis-password-${user}`);
}

function ensureFile<T>(file: string, create: () => string, read: (file: string) => T): T {
  if (!existsSync(file)) writeWhole(file, create(), 0o600);
  return readChecked(file, read);
}

function readChecked<T>(file: string, read: (file: string) => T): T {
  try {
    const mode = statSync(file).mode & 0o777;
    if (mode & 0o077) {
      throw new Error(`others can read it (mode ${mode.toString(8)}): chmod 600, or replace the secret`);
    }
    return read(file);
  } catch (error) {
    throw new StackError(`secret ${file}: ${(error as Error).message.replace(`${file}: `, '')}`, {
      cause: error,
    });
  }
}

/** 256 random bits, one line. */
function newSecret(): string {
  return `${randomBytes(32).toString('base64url')}\n`;
}

function readSecretText(file: string): string {
  readSecret(file);
  return readFileSync(file, 'utf8').trim();
}

/** One Ed25519 key as a private JWK set (RFC 8037); its kid is its thumbprint (RFC 7638 s. 3). */
function newSigningKeys(): string {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const canonical = JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x });
  const kid = createHash('sha256').update(canonical).digest('base64url');
  return json({ keys: [{ ...jwk, kid, alg: 'EdDSA', use: 'sig' }] });
}

function newRenewalKeys(): string {
  const kid = randomBytes(6).toString('base64url');
  return json({ keys: [{ kid, secret: randomBytes(32).toString('base64url') }] });
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Writes all or nothing, so that an interrupted start leaves no half of a secret. */
function writeWhole(file: string, text: string, mode: number): void {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, text, { mode, flush: true });
  renameSync(draft, file);
}
