import { Type, type Static } from 'typebox';
import { wholeNumber } from '../core/settings/read-settings.ts';
import { accountProperties } from './account-config.ts';
import { apiKeyProperties } from './api-key-config.ts';
import { dialectProperties } from './dialect-config.ts';
import { mailProperties } from './mail-config.ts';
import { guessSettingProperties } from './guess-config.ts';

const day = 86_400;

/** Every setting of the session service: environment variables, with their defaults and what they must be. */
export const SessionSettings = Type.Object({
  HOST: Type.String({ default: '127.0.0.1', description: 'an address to listen on' }),
  SESSION_PORT: wholeNumber(0, 65_535, 8080, 'a port'),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'fatal, error, warn, info, debug, trace or silent',
  }),
  ISSUER: Type.Optional(address(['http', 'https'])),
  AUDIENCE: Type.String({
    default: 'bednet',
    maxLength: 256,
    description: 'a name of at most 256 characters',
  }),
  REDIS_URL: Type.String({ description: 'redis://user:password@host:port' }),
  REDIS_REPLICAS_REQUIRED: wholeNumber(0, 16, 0, 'replicas'),
  SIGNING_KEYS_FILE: secretFile('the private JWK set'),
  RENEWAL_KEYS_FILE: secretFile('the renewal keys'),
  PASSWORD_PEPPER_FILE: secretFile('the pepper'),
  SECOND_FACTOR_KEY_FILE: secretFile('the key that seals second factors'),
  EMAIL_SECOND_FACTOR: Type.Union([Type.Literal('off'), Type.Literal('on')], {
    default: 'off',
    description: 'off or on',
  }),
  FRESH_SIGN_IN_SECONDS: wholeNumber(1, day, 300, 'seconds'),
  SECOND_FACTOR_IDLE_SECONDS: wholeNumber(1, 365 * day, 3600, 'seconds'),
  SECOND_FACTOR_ABSOLUTE_SECONDS: wholeNumber(1, 365 * day, day, 'seconds'),
  ACCESS_TTL_SECONDS: wholeNumber(1, day, 900, 'seconds'),
  RENEWAL_IDLE_SECONDS: wholeNumber(1, 365 * day, 7 * day, 'seconds'),
  SESSION_ABSOLUTE_SECONDS: wholeNumber(1, 365 * day, 30 * day, 'seconds'),
  RENEWAL_GRACE_SECONDS: wholeNumber(0, 60, 10, 'seconds'),
  SESSIONS_PER_ACCOUNT: wholeNumber(1, 1000, 20, 'sessions'),
  SESSION_SHORT_IDLE_SECONDS: wholeNumber(1, 365 * day, day / 2, 'seconds'),
  ...guessSettingProperties,
  ARGON2_MEMORY_KIB: wholeNumber(8, 4_194_304, 19_456, 'KiB'),
  ARGON2_TIME: wholeNumber(1, 100, 2, 'passes'),
  ARGON2_PARALLELISM: wholeNumber(1, 64, 1, 'lanes'),
  ...accountProperties,
  ...apiKeyProperties,
  ...mailProperties,
  MQTT_URL: address(['mqtt', 'mqtts'], 'mqtt://localhost:1883'),
  MQTT_WEBSOCKET_URL: address(['ws', 'wss'], 'ws://localhost:8083'),
  CORS_ORIGINS: Type.String({
    default: '',
    description: 'origins such as https://example.org, with commas between',
  }),
  TRUSTED_PROXIES: Type.String({
    default: '',
    description: 'IP addresses or CIDR ranges, with commas between',
  }),
  HOUSEKEEPING_EVERY_MS: wholeNumber(0, day * 1000, 10_000, 'milliseconds'),
  ...dialectProperties,
  WEB_PAGE: Type.Enum(['on', 'off'], { default: 'on', description: 'on or off' }),
  DOCS_ACCESS: readers(),
  METRICS_ACCESS: readers(),
  WEBHOOK_METRICS_URLS: Type.String({
    default: '',
    pattern: '^$|^https?://[^\\s/?#@,]+/[^\\s?#,]*(,https?://[^\\s/?#@,]+/[^\\s?#,]*)*$',
    description: 'addresses such as http://127.0.0.1:8081/metrics, with commas between',
  }),
});
export type SessionSettings = Static<typeof SessionSettings>;

function address(schemes: readonly string[], fallback?: string) {
  return Type.String({
    pattern: `^(${schemes.join('|')})://[^\\s/?#@]+(/[^\\s?#]*)?$`,
    description: `an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    ...(fallback !== undefined && { default: fallback }),
  });
}

function secretFile(content: string) {
  return Type.String({ description: `the path of the file with ${content}` });
}

function readers() {
  const description = 'local (this machine) or everyone';
  return Type.Union([Type.Literal('local'), Type.Literal('everyone')], { default: 'local', description });
}
