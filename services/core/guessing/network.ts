import { isIPv4, isIPv6 } from 'node:net';

/** The network that everything without a readable address is counted under. It never becomes a known one. */
export const unreadableNetwork = 'unreadable';

/**
 * The network that an address is counted under: an IPv4 address itself (also when mapped into IPv6), an IPv6 address
 * by its /64, because one subscriber has 2^64 of them. The text is canonical and at most 24 characters long.
 */
export function networkOf(ip: string | undefined): string {
  if (ip === undefined) return unreadableNetwork;
  if (isIPv4(ip)) return ip;
  if (!isIPv6(ip)) return unreadableNetwork;
  const groups = groupsOf(ip);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return groups.slice(6).flatMap(bytesOf).join('.');
  const prefix = groups.slice(0, 4).map((group) => group.toString(16));
  return `${prefix.join(':')}::/64`;
}

/** The eight groups of a valid IPv6 address. The URL parser turns an IPv4 tail into groups; a zone is dropped. */
function groupsOf(ip: string): number[] {
  const [address = ''] = ip.split('%');
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = canonical
    .split('::')
    .map((half) => half.split(':').filter(Boolean))
    .map((half) => half.map((group) => Number.parseInt(group, 16)));
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function bytesOf(group: number): number[] {
  return [group >> 8, group & 255];
}
