import { isIP } from 'node:net';
import type { GuessSettings } from '../core/guessing/guess-settings.ts';
import type { HashCost } from '../core/passwords/hasher.ts';
import { findRedisUrlFault } from '../core/redis/redis-url.ts';
import type { SessionLives } from '../core/sessions/session.ts';
import type { PasswordPolicy } from '../core/passwords/policy.ts';
import {
  listOf,
  readSettingFile,
  readSettings,
  SettingsError,
  type SettingFault,
} from '../core/settings/read-settings.ts';
import { readRenewalKeys, readSecret, readSigningKeys, type SigningKey } from '../core/tokens/key-files.ts';
import type { RenewalKey } from '../core/tokens/renewal-token.ts';
import {
  findAccountFaults,
  toAccountPolicy,
  toPasswordPolicy,
  type AccountPolicy,
} from './account-config.ts';
import {
  findDialectFaults,
  toDialectNames,
  toDialectSettings,
  type DialectName,
  type DialectSettings,
} from './dialect-config.ts';
import { toApiKeyPolicy, type ApiKeyPolicy } from './api-key-config.ts';
import type { MailSettings } from './mail/settings.ts';
import { findMailFaults, toMailSettings } from './mail-config.ts';
import type { SecondFactorSettings } from './session-context.ts';
import { toGuessSettings } from './guess-config.ts';
import { SessionSettings } from './settings.ts';

/** The configuration of the session service: checked, typed, frozen. */
export interface SessionConfig {
  host: string;
  port: number;
  logLevel: string;
  issuer: string;
  audience: string;
  redisUrl: string;
  replicasRequired: number;
  signingKeys: readonly SigningKey[];
  renewalKeys: readonly RenewalKey[];
  /** Where the keys come from, and where others are looked for while the service runs. */
  keyFiles: { signing: string; renewal: string };
  pepper: Buffer;
  secondFactor: SecondFactorSettings;
  lives: SessionLives;
  shortIdleSeconds: number;
  guessing: GuessSettings;
  hashCost: HashCost;
  passwordPolicy: PasswordPolicy;
  accounts: AccountPolicy;
  apiKeys: ApiKeyPolicy;
  /** Absent where no mail can be sent. */
  mail?: MailSettings | undefined;
  productName: string;
  mqtt: { url: string; websocketUrl: string };
  corsOrigins: readonly string[];
  trustedProxies: readonly string[];
  /** The pause between two sweeps; 0 = this instance never sweeps. */
  housekeepingEveryMs: number;
  dialects: readonly DialectName[];
  dialectSettings: DialectSettings;
  servesPage: boolean;
  docsAccess: 'local' | 'everyone';
  metricsAccess: 'local' | 'everyone';
  /** Where webhook services tell what they count, for the operator's console. */
  webhookMetricsUrls: readonly string[];
}

/** Reads settings and the secret files that they name; throws a SettingsError with all faults at once. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): SessionConfig {
  const { settings, faults } = readSettings(SessionSettings, environment);
  const signingKeys = readFile('SIGNING_KEYS_FILE', readSigningKeys);
  const renewalKeys = readFile('RENEWAL_KEYS_FILE', readRenewalKeys);
  const pepper = readFile('PASSWORD_PEPPER_FILE', readSecret);
  const secondFactorKey = readFile('SECOND_FACTOR_KEY_FILE', readSecret);
  faults.push(...findCrossFaults(settings));
  if (faults.length > 0 || !signingKeys || !renewalKeys || !pepper || !secondFactorKey) {
    throw new SettingsError(faults);
  }
  const secrets = { signingKeys, renewalKeys, pepper, secondFactorKey };
  return Object.freeze(toConfig(settings as SessionSettings, secrets));

  function readFile<T>(
    name: 'SIGNING_KEYS_FILE' | 'RENEWAL_KEYS_FILE' | 'PASSWORD_PEPPER_FILE' | 'SECOND_FACTOR_KEY_FILE',
    read: (file: string) => T,
  ) {
    return readSettingFile({ name, file: settings[name], faults }, read);
  }
}

/** Faults that one setting alone does not show. */
function findCrossFaults(settings: Partial<SessionSettings>): SettingFault[] {
  const faults: SettingFault[] = [];
  const redisFault = settings.REDIS_URL === undefined ? undefined : findRedisUrlFault(settings.REDIS_URL);
  if (redisFault) faults.push({ name: 'REDIS_URL', fault: redisFault });
  if (!listOf(settings.CORS_ORIGINS).every(isOrigin)) {
    const fault = 'holds something that is not an origin such as https://example.org';
    faults.push({ name: 'CORS_ORIGINS', fault });
  }
  if (!listOf(settings.TRUSTED_PROXIES).every(isAddressRange)) {
    const fault = 'holds something that is neither an IP address nor a CIDR range';
    faults.push({ name: 'TRUSTED_PROXIES', fault });
  }
  faults.push(...findDialectFaults(settings), ...findMailFaults(settings));
  const canMail = Boolean(settings.SMTP_URL ?? settings.MAIL_FOLDER);
  faults.push(...findAccountFaults(settings, canMail));
  if (settings.EMAIL_SECOND_FACTOR === 'on' && !canMail) {
    faults.push({ name: 'EMAIL_SECOND_FACTOR', fault: 'needs mail: set SMTP_URL or MAIL_FOLDER' });
  }
  const { ARGON2_MEMORY_KIB: memory, ARGON2_PARALLELISM: lanes } = settings;
  if (memory !== undefined && lanes !== undefined && memory < 8 * lanes) {
    faults.push({ name: 'ARGON2_MEMORY_KIB', fault: 'is less than 8 KiB per lane (RFC 9106)' });
  }
  return faults;
}

function toConfig(
  settings: SessionSettings,
  {
    secondFactorKey,
    ...secrets
  }: Pick<SessionConfig, 'signingKeys' | 'renewalKeys' | 'pepper'> & { secondFactorKey: Buffer },
): SessionConfig {
  const ownUrl = `http://localhost:${settings.SESSION_PORT}`;
  return {
    ...secrets,
    secondFactor: {
      key: secondFactorKey,
      allowsEmail: settings.EMAIL_SECOND_FACTOR === 'on',
      freshSeconds: settings.FRESH_SIGN_IN_SECONDS,
      idleSeconds: settings.SECOND_FACTOR_IDLE_SECONDS,
      absoluteSeconds: settings.SECOND_FACTOR_ABSOLUTE_SECONDS,
    },
    keyFiles: { signing: settings.SIGNING_KEYS_FILE, renewal: settings.RENEWAL_KEYS_FILE },
    host: settings.HOST,
    port: settings.SESSION_PORT,
    logLevel: settings.LOG_LEVEL,
    issuer: settings.ISSUER ?? ownUrl,
    audience: settings.AUDIENCE,
    redisUrl: settings.REDIS_URL,
    replicasRequired: settings.REDIS_REPLICAS_REQUIRED,
    lives: {
      accessTtlSeconds: settings.ACCESS_TTL_SECONDS,
      renewalIdleSeconds: settings.RENEWAL_IDLE_SECONDS,
      absoluteSeconds: settings.SESSION_ABSOLUTE_SECONDS,
      renewalGraceSeconds: settings.RENEWAL_GRACE_SECONDS,
      sessionsPerAccount: settings.SESSIONS_PER_ACCOUNT,
    },
    shortIdleSeconds: settings.SESSION_SHORT_IDLE_SECONDS,
    guessing: toGuessSettings(settings),
    hashCost: {
      memoryKib: settings.ARGON2_MEMORY_KIB,
      passes: settings.ARGON2_TIME,
      parallelism: settings.ARGON2_PARALLELISM,
    },
    passwordPolicy: toPasswordPolicy(settings),
    accounts: toAccountPolicy(settings),
    apiKeys: toApiKeyPolicy(settings),
    mail: toMailSettings(settings, ownUrl),
    productName: settings.PRODUCT_NAME,
    mqtt: { url: settings.MQTT_URL, websocketUrl: settings.MQTT_WEBSOCKET_URL },
    corsOrigins: listOf(settings.CORS_ORIGINS),
    trustedProxies: listOf(settings.TRUSTED_PROXIES),
    housekeepingEveryMs: settings.HOUSEKEEPING_EVERY_MS,
    dialects: toDialectNames(settings),
    dialectSettings: toDialectSettings(settings),
    servesPage: settings.WEB_PAGE === 'on',
    docsAccess: settings.DOCS_ACCESS,
    metricsAccess: settings.METRICS_ACCESS,
    webhookMetricsUrls: listOf(settings.WEBHOOK_METRICS_URLS),
  };
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;
}

function isAddressRange(text: string): boolean {
  const [address = '', prefix = '0', ...rest] = text.split('/');
  const version = isIP(address);
  return (
    version > 0 &&
    rest.length === 0 &&
    /^[0-9]{1,3}$/.test(prefix) &&
    Number(prefix) <= (version === 4 ? 32 : 128)
  );
}
