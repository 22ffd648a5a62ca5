import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readRenewalKeys, readSecret, readSigningKeys } from '../core/tokens/key-files.ts';
import type { SigningAlgorithm, SigningKey } from '../core/tokens/jwk.ts';
import { newRenewalKey, newSigningKey, writeVerificationKeys } from './key-sets.ts';
import { StackError } from './stack-error.ts';
import { toJsonText, writeWhole } from './write-whole.ts';

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
 * Makes the secrets that are missing in `folder` and checks those that exist (docs/keys.md says how to rotate each).
 * What tokens are verified with is derived from the signing keys each time. `algorithm` is that of a fresh signing key,
 * EdDSA by default; one that is named must be that of the key that signs.
 * Throws a StackError that names the file if one is damaged or readable by others.
 */
export function ensureSecrets(folder: string, algorithm?: SigningAlgorithm): Secrets {
  const files = {
    signingKeys: join(folder, 'signing-keys.json'),
    verificationKeys: join(folder, 'verification-keys.json'),
    renewalKeys: join(folder, 'renewal-keys.json'),
    pepper: join(folder, 'pepper'),
    secondFactorKey: join(folder, 'second-factor-key'),
    brokerKey: join(folder, 'broker-key'),
  };
  const newKeys = () => toJsonText({ keys: [newSigningKey(algorithm ?? 'EdDSA')] });
  const signingKeys = ensureFile(files.signingKeys, newKeys, readSigningKeys);
  assertAlgorithm(signingKeys, algorithm);
  writeVerificationKeys(files.verificationKeys, signingKeys);
  ensureFile(files.renewalKeys, () => toJsonText({ keys: [newRenewalKey()] }), readRenewalKeys);
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

function assertAlgorithm([first]: readonly SigningKey[], algorithm: SigningAlgorithm | undefined): void {
  if (algorithm === undefined || first?.algorithm === algorithm) return;
  throw new StackError(
    `SIGNING_ALGORITHM is ${algorithm}, but the key that signs is for ${first?.algorithm}: unset it and run bednet keys rotate --algorithm ${algorithm}`,
  );
}
