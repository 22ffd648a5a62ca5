import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defaultHashCost, defaultMinCodePoints } from '../core/passwords/defaults.ts';
import type { HashCost } from '../core/passwords/hasher.ts';
import type { PasswordPolicy } from '../core/passwords/policy.ts';
import { findRedisUrlFault } from '../core/redis/redis-url.ts';
import { projectDir } from '../stack/settings.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { keyFilesOf } from './key-files.ts';

/** The settings of the operator's commands; those about passwords must be the session service's. */
export interface CliSettings {
  /** The stack's folder, absolute. */
  runDir: string;
  /** Empty: what the stack left in its folder. */
  redisUrl: string;
  replicasRequired: number;
  pepperFile: string;
  /** Those of the services that make and verify tokens. */
  keyFiles: { signing: string; verification: string; renewal: string };
  passwordPolicy: PasswordPolicy;
  productName: string;
  /** For how long a deleted account can be restored. */
  purgatorySeconds: number;
  /** Address of the web page, to which links lead. */
  publicUrl: string;
  hashCost: HashCost;
}

/**
 * Reads the settings from environment variables; throws a CliError (usage) that names every wrong one. By hand: a
 * schema library takes as long to load as the whole rest of a command.
 */
export function readSettings(environment: NodeJS.ProcessEnv): CliSettings {
  const faults: string[] = [];
  const integer = (name: string, fallback: number, [least, most]: [number, number]): number => {
    const text = environment[name] || String(fallback);
    const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      faults.push(`${name} is not a whole number from ${least} to ${most}`);
    return value;
  };
  const runDir = resolve(environment['RUN_DIR'] || join(projectDir, '.run'));
  const settings = {
    runDir,
    redisUrl: environment['BEDNET_REDIS_URL'] ?? '',
    replicasRequired: integer('REDIS_REPLICAS_REQUIRED', 0, [0, 16]),
    pepperFile: environment['PASSWORD_PEPPER_FILE'] || join(runDir, 'secrets', 'pepper'),
    keyFiles: keyFilesOf(runDir, environment),
    passwordPolicy: {
      minCodePoints: integer('PASSWORD_MIN_LENGTH', defaultMinCodePoints, [8, 64]),
      maxCodePoints: integer('PASSWORD_MAX_LENGTH', 256, [16, 256]),
      minUpperCase: integer('PASSWORD_MIN_UPPERCASE', 0, [0, 16]),
      minLowerCase: integer('PASSWORD_MIN_LOWERCASE', 0, [0, 16]),
      minDigits: integer('PASSWORD_MIN_DIGITS', 0, [0, 16]),
      minSymbols: integer('PASSWORD_MIN_SYMBOLS', 0, [0, 16]),
    },
    productName: environment['PRODUCT_NAME'] || 'Bednet',
    purgatorySeconds: integer('ACCOUNT_PURGATORY_SECONDS', 259_200, [0, 31_536_000]),
    publicUrl: publicUrlOf(environment),
    hashCost: {
      memoryKib: integer('ARGON2_MEMORY_KIB', defaultHashCost.memoryKib, [8, 4_194_304]),
      passes: integer('ARGON2_TIME', defaultHashCost.passes, [1, 100]),
      parallelism: integer('ARGON2_PARALLELISM', defaultHashCost.parallelism, [1, 64]),
    },
  };
  if (faults.length > 0) throw new CliError(faults.join('; '), exitCodes.usage);
  return settings;
}

/** As the session service has it: without a setting its own address. */
function publicUrlOf(environment: NodeJS.ProcessEnv): string {
  const own = `http://localhost:${environment['SESSION_PORT'] || 8080}`;
  return (environment['PUBLIC_URL'] || own).replace(/\/+$/, '');
}

/** The address of Redis: BEDNET_REDIS_URL, or what the stack of RUN_DIR left for us. */
export function getRedisUrl(settings: CliSettings): string {
  if (settings.redisUrl) return checkedRedisUrl(settings.redisUrl, 'BEDNET_REDIS_URL');
  const file = join(settings.runDir, 'secrets', 'cli-redis-url');
  try {
    return checkedRedisUrl(readFileSync(file, 'utf8').trim(), file);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(
      `no address of Redis in ${file} (${(error as NodeJS.ErrnoException).code}): run make up first, or set BEDNET_REDIS_URL`,
      exitCodes.redisUnreachable,
    );
  }
}

/** A Redis without a password, or reached over a network without TLS, is refused. The address itself is not shown. */
function checkedRedisUrl(text: string, source: string): string {
  const fault = findRedisUrlFault(text);
  if (fault) throw new CliError(`${source} ${fault}`, exitCodes.usage);
  return text;
}
