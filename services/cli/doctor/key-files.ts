import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  readRenewalKeys,
  readSecret,
  readSigningKeys,
  type SigningKey,
} from '../../core/tokens/key-files.ts';
import { fault, ok, warn, type Finding } from './finding.ts';

interface KeyFile {
  name: string;
  what: string;
  read: (file: string) => unknown;
  longestAgeDays: number;
  change: string;
}

const dayMs = 86_400_000;

const keyFiles: readonly KeyFile[] = [
  {
    name: 'signing-keys.json',
    what: 'The signing key',
    read: readSigningKeys,
    longestAgeDays: 365, // NIST SP 800-57 part 1, table 1: one to three years for a private signature key
    change: 'Run bednet keys rotate; docs/keys.md says what it does.',
  },
  {
    name: 'renewal-keys.json',
    what: 'The renewal key',
    read: readRenewalKeys,
    longestAgeDays: 730,
    change: 'Run bednet keys rotate --renewal; docs/keys.md says what it does.',
  },
  {
    name: 'broker-key',
    what: 'The broker key',
    read: readSecret,
    longestAgeDays: 730,
    change: 'Delete the file, then make down and make up; give the new key to brokers of your own.',
  },
  {
    name: 'pepper',
    what: 'The password pepper',
    read: readSecret,
    longestAgeDays: 1825,
    change: 'Only if it may have leaked: a new pepper makes every password void, so all must be reset.',
  },
  {
    name: 'second-factor-key',
    what: 'The key that seals second factors',
    read: readSecret,
    longestAgeDays: 1825,
    change: 'Only if it may have leaked: with a new key every second factor must be set up anew.',
  },
];

/** Whether the keys of a stack can be read, and are not too old: since they were made, or their file was written. */
export function checkKeyFiles(secretsFolder: string, nowMs: number): Finding[] {
  if (!statSync(secretsFolder, { throwIfNoEntry: false })) return [];
  return keyFiles.map((keyFile) => checkKeyFile(join(secretsFolder, keyFile.name), keyFile, nowMs));
}

/** The key that new access tokens should be signed with; undefined if it can't be read. */
export function findSigningKey(secretsFolder: string): Pick<SigningKey, 'kid' | 'publicJwk'> | undefined {
  try {
    return readSigningKeys(join(secretsFolder, 'signing-keys.json'))[0];
  } catch {
    return undefined; // checkKeyFiles tells why.
  }
}

function checkKeyFile(file: string, { name, what, read, longestAgeDays, change }: KeyFile, nowMs: number) {
  const check = `key-${name.replace(/s?(\.json)?$/, '')}`;
  try {
    read(file);
  } catch (error) {
    const found = `${what} can't be used: ${(error as Error).message}`;
    return fault(check, found, `Put ${name} back, or delete it: make up creates a new one.`);
  }
  const sinceMs = Math.min(statSync(file).mtimeMs, createdAtMs(file));
  const ageDays = Math.floor((nowMs - sinceMs) / dayMs);
  if (ageDays > longestAgeDays) return warn(check, `${what} is ${ageDays} days old.`, change);
  return ok(check, `${what} can be read and is ${ageDays} days old (note from ${longestAgeDays}).`);
}

/** When the key in use of a set was made, as far as its file says so: retiring another one writes the file anew. */
function createdAtMs(file: string): number {
  if (!file.endsWith('.json')) return Infinity;
  const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { keys: { createdAt?: string }[] };
  return Date.parse(keys[0]?.createdAt ?? '') || Infinity;
}
