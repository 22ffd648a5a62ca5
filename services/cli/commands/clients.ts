import { listClients, type SeenClient } from '../../core/sessions/list-clients.ts';
import type { CommandContext } from '../context.ts';
import { table, toUtc, type Answer } from '../output.ts';

const clientsPerPage = 500;

/** All MQTT clients that have connected and were not kicked since, those of accounts first. */
export async function listConnected({ store }: CommandContext): Promise<Answer> {
  const clients: SeenClient[] = [];
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    const page = await listClients(store, cursor, clientsPerPage);
    clients.push(...page.clients);
    cursor = page.next;
  }
  const rows = clients.map(({ clientId, connected, sinceMs, lastSeenMs, owner }) => [
    clientId,
    connected === 'unknown' ? connected : connected ? `since ${toUtc(sinceMs ?? lastSeenMs)}` : 'no',
    toUtc(lastSeenMs),
    'device' in owner ? `device ${owner.device}` : `account ${owner.uid}`,
  ]);
  return { json: clients, text: rows.length === 0 ? 'No client has connected.' : table(header, rows) };
}

const header = ['CLIENT ID', 'CONNECTED', 'LAST SEEN', 'OWNER'];
