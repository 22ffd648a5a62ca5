import { resultsOf, type Pipeline } from '../check/pipeline-results.ts';
import { brokerReportKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { toMs } from '../redis/time.ts';
import { isOpen, readBrokerReport, type BrokerReport } from './broker-report.ts';
import { readNoted, type NotedClient, type NotedConnection } from './connection.ts';

/** Whether a client is connected now; unknown where its broker doesn't report when connections end, or is silent. */
export type Connected = boolean | 'unknown';

/** A client id of a session or device. */
export interface ClientState extends NotedClient {
  connected: Connected;
  /** Since when it is connected, if it is. */
  sinceMs?: number;
}

interface Brokers {
  reports: ReadonlyMap<string, BrokerReport | undefined>;
  nowMs: number;
}

/** The clients of one session or device. */
export interface ClientList {
  clients: ClientState[];
  /** The last CONNECT of those that were kicked, where that is kept, or 0. */
  forgottenSeenMs: number;
}

/** For each list of clients, by its key, what is known about them, in two round trips. */
export async function readClientStates(store: Store, keys: readonly string[]): Promise<ClientList[]> {
  if (keys.length === 0) return [];
  const stored = await ask(store, (pipeline) => {
    for (const key of keys) pipeline.hgetall(key);
  });
  const lists = stored.map((hash) => readNoted(hash as Record<string, string>));
  const brokers = await readBrokers(
    store,
    lists.flatMap(({ connections }) => connections),
  );
  return lists.map(({ clients, connections, forgottenSeenMs }) => ({
    clients: clients.map((client) => ({ ...client, ...findState(client, connections, brokers) })),
    forgottenSeenMs,
  }));
}

async function readBrokers(store: Store, connections: readonly NotedConnection[]): Promise<Brokers> {
  const instances = [...new Set(connections.map(({ instance }) => instance))];
  if (instances.length === 0) return { reports: new Map(), nowMs: 0 };
  const [time, ...stored] = await ask(store, (pipeline) => {
    pipeline.time();
    for (const instance of instances) pipeline.get(brokerReportKey(instance));
  });
  const reports = stored.map((report) => readBrokerReport(report as string | null));
  return {
    reports: new Map(instances.map((instance, index) => [instance, reports[index]])),
    nowMs: toMs(time as [string, string]),
  };
}

/** One open connection is enough, at whichever broker. */
function findState(
  { clientId, isReported }: NotedClient,
  connections: readonly NotedConnection[],
  { reports, nowMs }: Brokers,
): Pick<ClientState, 'connected' | 'sinceMs'> {
  const own = connections
    .filter((connection) => connection.clientId === clientId)
    .map(({ instance, sinceMs }) => ({ sinceMs, open: isOpen(reports.get(instance), sinceMs, nowMs) }));
  const open = own.filter((connection) => connection.open === true);
  if (open.length > 0) return { connected: true, sinceMs: Math.max(...open.map(({ sinceMs }) => sinceMs)) };
  const isKnown = isReported && own.every((connection) => connection.open === false);
  return { connected: isKnown ? false : 'unknown' };
}

function ask(store: Store, fill: (pipeline: Pipeline) => void): Promise<unknown[]> {
  const pipeline = store.redis.pipeline();
  fill(pipeline);
  return pipeline.exec().then(resultsOf);
}
