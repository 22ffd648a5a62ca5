import { isIPv4 } from 'node:net';

/** Where one server listens. */
export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

/** A Redis address, taken apart. */
export type RedisAddress = Readonly<{ hasTls: boolean; username: string; password: string }> &
  (
    | { readonly topology: 'single'; readonly hosts: readonly [RedisHost] }
    | { readonly topology: 'cluster'; readonly hosts: readonly RedisHost[] }
    | {
        readonly topology: 'sentinel';
        /** Those of the Sentinels. */
        readonly hosts: readonly RedisHost[];
        /** What the Sentinels call the primary and its replicas. */
        readonly primaryName: string;
        readonly sentinelUsername: string | undefined;
        readonly sentinelPassword: string;
      }
  );

const forms =
  'must be redis://user:password@host:port, rediss://…, ' +
  'redis+sentinel://user:password@host:port,host:port/name?sentinel_password=…, or redis+cluster://user:password@host:port,host:port';
const pattern =
  /^redis(?<tls>s?)(?:\+(?<many>sentinel|cluster))?:\/\/(?:(?<user>[^@/?#]*)@)?(?<hosts>[^@/?#\s]+)(?:\/(?<path>[^/?#]*))?(?:\?(?<query>[^#]*))?$/;
const sentinelParameters = new Set(['sentinel_username', 'sentinel_password']);
const usualPorts = { single: 6379, cluster: 6379, sentinel: 26_379 } as const;

/**
 * Why a Redis address must not be used, or undefined: it needs a password, for the Sentinels too, and TLS off this machine
 * (ASVS 12.3.1). What is said never holds a part of the address.
 */
export function findRedisUrlFault(text: string): string | undefined {
  const address = parse(text);
  if (address === undefined) return forms;
  const { hasTls, hosts, password, topology } = address;
  if (password === '') return 'has no password: Redis must not be open to everybody';
  if (!hasTls && !hosts.every(({ host }) => isLoopback(host)))
    return `leaves this machine without TLS: use rediss${topology === 'single' ? '' : `+${topology}`}://`;
  if (topology === 'sentinel' && address.sentinelPassword === '')
    return 'has no sentinel_password: whoever can command a Sentinel can lead the services to another Redis';
  return undefined;
}

/** Takes an address apart. Throws a TypeError if it has another form. */
export function readRedisUrl(text: string): RedisAddress {
  const address = parse(text);
  if (address === undefined) throw new TypeError(`the address of Redis ${forms}`);
  return address;
}

/** Whether traffic to a host stays on this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

function parse(text: string): RedisAddress | undefined {
  const { tls, many, user = '', hosts: list = '', path = '', query } = pattern.exec(text)?.groups ?? {};
  const topology = (many ?? 'single') as RedisAddress['topology'];
  const hosts = list.split(',').map((each) => parseHost(each, usualPorts[topology]));
  const [username, password] = parseUser(user);
  if (username === undefined || password === undefined || hosts.includes(undefined)) return undefined;
  if (topology === 'single' && hosts.length > 1) return undefined;
  const reached = { hasTls: tls === 's', username, password, hosts: hosts as RedisHost[], topology };
  if (topology !== 'sentinel') return path + (query ?? '') === '' ? (reached as RedisAddress) : undefined;
  const [primaryName, sentinelUser] = [decode(path), sentinelUserOf(query)];
  return primaryName && sentinelUser
    ? ({ ...reached, primaryName, ...sentinelUser } as RedisAddress)
    : undefined;
}

/** Undefined if there is a parameter of another name, or one twice: somebody expects what we don't do. */
function sentinelUserOf(query: string | undefined) {
  const parameters = new URLSearchParams(query?.replaceAll('+', '%2B')); // No form, so a + is a +.
  const names = [...parameters.keys()];
  if (names.some((name, place) => !sentinelParameters.has(name) || names.indexOf(name) < place))
    return undefined;
  return {
    sentinelUsername: parameters.get('sentinel_username') ?? undefined,
    sentinelPassword: parameters.get('sentinel_password') ?? '',
  };
}

function parseUser(text: string): [username: string | undefined, password: string | undefined] {
  const colon = text.indexOf(':');
  const [username, password] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  return [decode(username), decode(password)];
}

function parseHost(text: string, usualPort: number): RedisHost | undefined {
  const url = URL.parse(`redis://${text}`);
  if (url === null || url.hostname === '') return undefined;
  const port = url.port === '' ? usualPort : Number(url.port);
  if (port === 0) return undefined;
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
