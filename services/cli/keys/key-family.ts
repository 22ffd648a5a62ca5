import type { JsonWebKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readRenewalKeys, readSigningKeys } from '../../core/tokens/key-files.ts';
import { toSigningKey, type SigningAlgorithm } from '../../core/tokens/jwk.ts';
import type { KeyReport } from '../../core/tokens/key-reports.ts';
import { newRenewalKey, newSigningKey, writeKeySet, writeVerificationKeys } from '../../stack/key-sets.ts';
import { CliError } from '../cli-error.ts';
import type { CliSettings } from '../settings.ts';
import type { StoredKey } from './key-state.ts';

/** Keys that are rotated together: one file, and those who read it. */
export interface KeyFamily {
  /** One of them, for sentences. */
  what: string;
  file: string;
  /** The keys in the file's order; throws a CliError if it can't be used. */
  load(): StoredKey[];
  /** Writes the keys so that whoever verifies knows a new one before anybody can sign with it. */
  save(keys: readonly StoredKey[]): void;
  make(algorithm: SigningAlgorithm | undefined): StoredKey;
  /** Whether an instance uses such keys at all. */
  concerns(report: KeyReport): boolean;
  knownTo(report: KeyReport): readonly string[];
  /** The key that an instance makes tokens with, if it makes any. */
  activeAt(report: KeyReport): string | undefined;
  /** The longest life of a token that instances make with such a key. */
  lifeSecondsOf(reports: readonly KeyReport[]): number;
}

const usualAccessSeconds = 86_400; // The longest default of any token: that of an API key.
const usualIdleSeconds = 604_800;

/** The keys that access tokens are signed with. */
export function signingFamily(settings: CliSettings): KeyFamily {
  const file = settings.keyFiles.signing;
  return {
    what: 'signing key',
    file,
    load: () => {
      const stored = read(file, readSigningKeys);
      return stored.keys.map(({ kid, algorithm }, index) => ({
        ...stored.raw[index],
        kid,
        alg: algorithm,
      }));
    },
    save: (keys) => {
      const parsed = keys.map((key) => toSigningKey(key as object as JsonWebKey));
      const known = new Set(read(file, readSigningKeys).keys.map(({ kid }) => kid));
      const isLonger = parsed.some(({ kid }) => !known.has(kid));
      const verifying = () => writeVerificationKeys(settings.keyFiles.verification, parsed);
      if (isLonger) verifying();
      writeKeySet(file, keys);
      if (!isLonger) verifying();
    },
    make: (algorithm = 'EdDSA') => ({ ...withPlainKid(() => newSigningKey(algorithm)), alg: algorithm }),
    concerns: () => true,
    knownTo: ({ kids }) => kids,
    activeAt: ({ signs }) => signs,
    lifeSecondsOf: (reports) => longest(reports, 'accessTtlSeconds', usualAccessSeconds),
  };
}

/** The keys that renewal tokens are signed with. */
export function renewalFamily({ keyFiles: { renewal: file } }: CliSettings): KeyFamily {
  return {
    what: 'renewal key',
    file,
    load: () => {
      const stored = read(file, readRenewalKeys);
      return stored.keys.map(({ kid }, index) => ({ ...stored.raw[index], kid, alg: 'HMAC' }));
    },
    save: (keys) =>
      writeKeySet(
        file,
        keys.map(({ alg: _always, ...key }) => key),
      ),
    make: () => ({ ...withPlainKid(newRenewalKey), alg: 'HMAC' }),
    concerns: ({ service }) => service === 'session',
    knownTo: ({ renewalKids = [] }) => renewalKids,
    activeAt: ({ issues }) => issues,
    lifeSecondsOf: (reports) => longest(reports, 'renewalIdleSeconds', usualIdleSeconds),
  };
}

function read<Key>(file: string, check: (file: string) => Key[]): { keys: Key[]; raw: object[] } {
  try {
    const keys = check(file);
    return { keys, raw: (JSON.parse(readFileSync(file, 'utf8')) as { keys: object[] }).keys };
  } catch (error) {
    throw new CliError(`can't use the keys: ${(error as Error).message}`);
  }
}

/** A kid that begins with a hyphen would be taken for an option on a command line. */
function withPlainKid<Key extends { kid: string }>(make: () => Key): Key {
  for (;;) {
    const key = make();
    if (!key.kid.startsWith('-')) return key;
  }
}

function longest(
  reports: readonly KeyReport[],
  name: 'accessTtlSeconds' | 'renewalIdleSeconds',
  fallback: number,
): number {
  const makers = reports.filter(({ service }) => service === 'session');
  const lives = makers.map((report) => report[name]).filter((life) => life !== undefined);
  return lives.length === 0 ? fallback : Math.max(...lives);
}
