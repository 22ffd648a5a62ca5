/**
 * One connection of a client to a broker whose plugin reports when it ends: `<instance>.<number>`, the random name of one
 * start of the broker and a number that this start gives once.
 */
export type Connection = string;

/** A client id as it is noted under its session or device. */
export interface NotedClient {
  clientId: string;
  lastSeenMs: number;
  /** Of a device: its epoch at the last CONNECT. */
  epoch: string;
  /** Whether the broker of the last CONNECT reports when connections end, and that one was noted in time. */
  isReported: boolean;
}

/** An open connection as it is noted beside its client id. */
export interface NotedConnection {
  clientId: string;
  instance: string;
  sinceMs: number;
}

const connectionPattern = /^([0-9a-f]{32})\.[1-9][0-9]{0,19}$/;
/** When the newest of the clients that were kicked from a device had connected, in ms. */
const forgottenField = 'last seen';
const noEpoch = '-';
const reportedMark = '+';
const lateMark = 'late.';

/** The connection that a plugin names in X-Bednet-Connection; undefined if it names none. */
export function readConnection(header: unknown): Connection | undefined {
  return typeof header === 'string' && connectionPattern.test(header) ? header : undefined;
}

/** The field under which an open connection is noted. No client id holds a blank, so it can't be taken for one. */
export function connectionField(clientId: string, connection: Connection): string {
  return `${clientId} ${connection}`;
}

/** Whether a field of a list of clients is a client id, not one of its connections. */
export function isClientField(field: string): boolean {
  return !field.includes(' ');
}

/**
 * What a CONNECT notes: the client id with `lastSeenMs epoch mark`, and its connection with the time. A connection is
 * ended by deleting its own field, so a late report never ends the one that took its place.
 */
export function fieldsOfConnect(
  { clientId, connection }: { clientId: string; connection?: Connection | undefined },
  { seenMs, epoch }: { seenMs: number; epoch?: string },
): Record<string, string> {
  if (connection === undefined)
    return { [clientId]: epoch === undefined ? `${seenMs}` : `${seenMs} ${epoch}` };
  return {
    [clientId]: `${seenMs} ${epoch ?? noEpoch} ${reportedMark}`,
    [connectionField(clientId, connection)]: `${seenMs}`,
  };
}

/**
 * The field of a CONNECT that is noted late, with its time: the client may have connected anew since, and its connection
 * may have ended. It has a name of its own, so it never replaces what a newer CONNECT has noted.
 */
export function fieldOfLateConnect(clientId: string, seenMs: number): string {
  return `${clientId} ${lateMark}${seenMs}`;
}

/** What a list keeps of a client whose entry, as it is stored, is removed from it. */
export function fieldsOfForgotten(entry: string): Record<string, string> {
  return { [forgottenField]: `${Number.parseInt(entry, 10)}` };
}

/** The fields of a client's connections in a list as it is stored. */
export function connectionFieldsOf(clientId: string, stored: Readonly<Record<string, string>>): string[] {
  return Object.keys(stored).filter((field) => field.startsWith(`${clientId} `));
}

/** Whether a field is a connection, open or noted late. */
export function isConnectionField(field: string): boolean {
  return !isClientField(field) && field !== forgottenField;
}

/** What a list holds as it is stored: clients, connections, and the last CONNECT of those that were forgotten, or 0. */
export function readNoted(stored: Readonly<Record<string, string>>): {
  clients: NotedClient[];
  connections: NotedConnection[];
  forgottenSeenMs: number;
} {
  const clients: NotedClient[] = [];
  const connections: NotedConnection[] = [];
  for (const [field, value] of Object.entries(stored)) {
    if (isClientField(field)) clients.push(withLateConnects(toClient(field, value), stored));
    else connections.push(...toConnection(field, value));
  }
  return { clients, connections, forgottenSeenMs: Number(stored[forgottenField] ?? 0) };
}

/** A CONNECT that was noted late and is the newest tells no connection: whether that client is connected is unknown. */
function withLateConnects(client: NotedClient, stored: Readonly<Record<string, string>>): NotedClient {
  const late = connectionFieldsOf(client.clientId, stored).filter((field) => field.includes(` ${lateMark}`));
  const lateMs = Math.max(0, ...late.map((field) => Number(stored[field])));
  return lateMs > client.lastSeenMs ? { ...client, lastSeenMs: lateMs, isReported: false } : client;
}

function toClient(clientId: string, value: string): NotedClient {
  const [seenMs, epoch = '', mark] = value.split(' ');
  return { clientId, lastSeenMs: Number(seenMs), epoch, isReported: mark === reportedMark };
}

function toConnection(field: string, value: string): NotedConnection[] {
  const [clientId = '', connection = ''] = field.split(' ');
  const instance = connectionPattern.exec(connection)?.[1];
  return instance === undefined ? [] : [{ clientId, instance, sinceMs: Number(value) }];
}
