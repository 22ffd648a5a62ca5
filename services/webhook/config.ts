import { readFileSync } from 'node:fs';
import { Type, type Static } from 'typebox';
import { findRedisUrlFault } from '../core/redis/redis-url.ts';
import {
  listOf,
  readSettingFile,
  readSettings,
  SettingsError,
  wholeNumber,
  type SettingFault,
} from '../core/settings/read-settings.ts';
import { readSecret, readVerificationKeys, type VerificationKey } from '../core/tokens/key-files.ts';
import { findCounterFileFaults } from './decision-cache/decision-config.ts';
import {
  findNearCacheFaults,
  nearCacheProperties,
  toNearCache,
  type NearCacheConfig,
} from './near-cache/near-config.ts';
import { findHookFaults, hookProperties, toHookNames, type HookName } from './hook-config.ts';

/** Every setting of the webhook service, read once at start-up. */
export const WebhookSettings = Type.Object({
  HOST: Type.String({ default: '127.0.0.1', description: 'an address to listen on' }),
  WEBHOOK_PORT: wholeNumber(0, 65_535, 8081, 'a port'),
  WEBHOOK_SOCKET: Type.Optional(
    Type.String({ description: 'the path of a Unix socket to listen on as well' }),
  ),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'fatal, error, warn, info, debug, trace or silent',
  }),
  SESSION_PORT: wholeNumber(0, 65_535, 8080, 'a port'),
  ISSUER: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s/?#]+',
      description: 'an address that begins with http:// or https://',
    }),
  ),
  AUDIENCE: Type.String({
    default: 'bednet',
    minLength: 1,
    maxLength: 256,
    description: 'a name of 1–256 characters',
  }),
  REDIS_URL: Type.String({ description: 'redis://user:password@host:port' }),
  VERIFICATION_KEYS_FILE: Type.String({ description: 'the path of a file with the public JWK set' }),
  BROKER_KEY_FILE: Type.String({ description: 'the path of a file with the key that brokers send' }),
  BROKER_URLS: Type.String({
    default: '',
    description: 'addresses of brokers such as mqtt://127.0.0.1:1883, with commas between',
  }),
  CHECK_TIMEOUT_MS: wholeNumber(50, 5000, 250, 'milliseconds'),
  EXPIRY_SWEEP_MS: wholeNumber(50, 60_000, 1000, 'milliseconds'),
  ...hookProperties,
  ...nearCacheProperties,
  METRICS_ACCESS: Type.Enum(['local', 'everyone'], {
    default: 'local',
    description: 'local or everyone: who may read /metrics',
  }),
});
type Settings = Static<typeof WebhookSettings>;

/** The configuration of the webhook service: checked, typed, frozen. */
export interface WebhookConfig {
  readonly host: string;
  readonly port: number;
  readonly socketPath: string | undefined;
  readonly logLevel: string;
  readonly issuer: string;
  readonly audience: string;
  readonly redisUrl: string;
  readonly verificationKeys: readonly VerificationKey[];
  /** Where the keys come from, and where others are looked for while the service runs. */
  readonly verificationKeysFile: string;
  readonly brokerKey: string;
  /** Where kicks go; empty = nobody is kicked, the checks alone keep revoked clients out. */
  readonly brokerUrls: readonly string[];
  /** How long a check waits for Redis. */
  readonly checkTimeoutMs: number;
  readonly expirySweepMs: number;
  /** Brokers other than Mosquitto whose own HTTP hooks are answered. */
  readonly brokerHooks: readonly HookName[];
  readonly rabbitmqVhost: string;
  readonly metricsAccess: 'local' | 'everyone';
  /** Undefined = every check asks Redis. */
  readonly nearCache?: NearCacheConfig | undefined;
}

/** Reads settings and the files that they name; throws a SettingsError with all faults at once. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): WebhookConfig {
  const { settings, faults } = readSettings(WebhookSettings, environment);
  const verificationKeys = readFile('VERIFICATION_KEYS_FILE', readVerificationKeys);
  const brokerKey = readFile('BROKER_KEY_FILE', readKeyText);
  faults.push(...findUrlFaults(settings), ...findHookFaults(settings), ...findCounterFileFaults(settings));
  if (faults.length > 0 || !verificationKeys || !brokerKey) throw new SettingsError(faults);
  return Object.freeze(toConfig(settings as Settings, { verificationKeys, brokerKey }));

  function readFile<T>(name: 'VERIFICATION_KEYS_FILE' | 'BROKER_KEY_FILE', read: (file: string) => T) {
    return readSettingFile({ name, file: settings[name], faults }, read);
  }
}

function readKeyText(file: string): string {
  readSecret(file);
  return readFileSync(file, 'utf8').trim();
}

function findUrlFaults(settings: Partial<Settings>): SettingFault[] {
  const { REDIS_URL, BROKER_URLS } = settings;
  const redisFault = REDIS_URL === undefined ? undefined : findRedisUrlFault(REDIS_URL);
  const areBrokers = listOf(BROKER_URLS ?? '').every(isBrokerUrl);
  return [
    ...(redisFault === undefined
      ? findNearCacheFaults(settings, settings.REDIS_URL)
      : [{ name: 'REDIS_URL', fault: redisFault }]),
    ...(areBrokers
      ? []
      : [{ name: 'BROKER_URLS', fault: 'holds no mqtt://, mqtts://, ws:// or wss:// address' }]),
  ];
}

/** Credentials in the address would be ignored: a kick brings its own. */
function isBrokerUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^(mqtts?|wss?):$/.test(url.protocol) && url.hostname !== '' && url.username === '';
}

function toConfig(
  settings: Settings,
  keys: Pick<WebhookConfig, 'verificationKeys' | 'brokerKey'>,
): WebhookConfig {
  return {
    ...keys,
    verificationKeysFile: settings.VERIFICATION_KEYS_FILE,
    host: settings.HOST,
    port: settings.WEBHOOK_PORT,
    socketPath: settings.WEBHOOK_SOCKET,
    logLevel: settings.LOG_LEVEL,
    issuer: settings.ISSUER ?? `http://localhost:${settings.SESSION_PORT}`,
    audience: settings.AUDIENCE,
    redisUrl: settings.REDIS_URL,
    brokerUrls: listOf(settings.BROKER_URLS),
    checkTimeoutMs: settings.CHECK_TIMEOUT_MS,
    expirySweepMs: settings.EXPIRY_SWEEP_MS,
    brokerHooks: toHookNames(settings),
    rabbitmqVhost: settings.RABBITMQ_VHOST,
    metricsAccess: settings.METRICS_ACCESS,
    nearCache: toNearCache(settings),
  };
}
