/** Why a Redis address must not be used, or undefined: it needs a password and, off this machine, TLS (ASVS 12.3.1). */
export function findRedisUrlFault(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    return 'must be redis://user:password@host:port or rediss://user:password@host:port';
  }
  if (url.password === '') return 'has no password: Redis must not be open to everybody';
  if (url.protocol === 'redis:' && !isLoopback(url.hostname)) {
    return 'leaves this machine without TLS: use rediss://';
  }
  return undefined;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.[0-9]{1,3}){3}$/.test(host);
}
