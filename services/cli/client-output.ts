import type { ClientState } from '../core/connections/client-states.ts';
import { toUtc } from './output.ts';

type Client = Pick<ClientState, 'clientId' | 'lastSeenMs' | 'connected' | 'sinceMs'>;

/** What JSON output tells about a client. */
export function toClientItem({ clientId, lastSeenMs, connected, sinceMs }: Client): Client {
  return { clientId, lastSeenMs, connected, ...(sinceMs !== undefined && { sinceMs }) };
}

/** How many clients are connected; with a question mark if some may be, as their broker doesn't tell. */
export function countConnected(clients: readonly Client[]): string {
  const count = clients.filter(({ connected }) => connected === true).length;
  return clients.some(({ connected }) => connected === 'unknown') ? `${count || ''}?` : String(count);
}

/** One client in words: since when it is connected, or when it was last seen. */
export function describeClient({ clientId, lastSeenMs, connected, sinceMs }: Client): string {
  if (connected === true) return `${clientId} (connected since ${toUtc(sinceMs ?? lastSeenMs)})`;
  const state = connected === 'unknown' ? '' : 'not connected, last seen ';
  return `${clientId} (${state}${toUtc(lastSeenMs)})`;
}
