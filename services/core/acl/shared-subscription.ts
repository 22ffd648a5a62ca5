/** What is wrong with a shared subscription's frame. */
export type ShareFault = 'group-missing' | 'group-empty' | 'group-with-wildcard' | 'filter-missing';

/** What a client asks to subscribe to: a plain filter, a share of one, or something that is neither. */
export type AskedSubscription =
  | { kind: 'plain'; filter: string }
  | { kind: 'shared'; group: string; filter: string }
  | { kind: 'malformed'; fault: ShareFault };

const share = '$share';
const sharePrefix = '$share/';

/** Says whether a string's first level is `$share`, which makes it a shared subscription and nothing else. */
export function isSharePrefixed(text: string): boolean {
  return text === share || text.startsWith(sharePrefix);
}

/**
 * Takes `$share/<group>/<filter>` apart (MQTT 5.0 s. 4.8.2). Mosquitto honours it for MQTT 3.1.1 clients too.
 * The filter itself is not checked; of the group, only that it is there and holds no wildcard [MQTT-4.8.2-1, -2].
 */
export function parseSubscription(asked: string): AskedSubscription {
  if (!isSharePrefixed(asked)) return { kind: 'plain', filter: asked };
  if (asked === share) return { kind: 'malformed', fault: 'group-missing' };
  const groupEnd = asked.indexOf('/', sharePrefix.length);
  const group = asked.slice(sharePrefix.length, groupEnd === -1 ? undefined : groupEnd);
  if (group === '') return { kind: 'malformed', fault: 'group-empty' };
  if (group.includes('+') || group.includes('#')) return { kind: 'malformed', fault: 'group-with-wildcard' };
  if (groupEnd === -1 || groupEnd === asked.length - 1) return { kind: 'malformed', fault: 'filter-missing' };
  return { kind: 'shared', group, filter: asked.slice(groupEnd + 1) };
}
