import type { Pipeline } from '../check/pipeline-results.ts';
import { clientsKey, sessionKey, usedGenerationKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { toMs } from '../redis/time.ts';
import { fieldOfLateConnect, fieldsOfConnect, type Connection } from './connection.ts';

/** A client of a session whose CONNECT was granted at `seenMs`, by a token of `generation`. */
export interface ConnectedClient {
  readonly sid: string;
  readonly clientId: string;
  readonly generation: number;
  readonly seenMs: number;
  /** Where its broker reports when connections end. */
  readonly connection?: Connection | undefined;
  /** It was sent before, so it may come late: it replaces no newer note, and tells no connection. */
  readonly isLate?: true;
}

/** What came of a note. */
export interface NotedOutcome {
  /** How many client ids and connections the session has now. */
  readonly clients: number;
  /** Whether the session may have ended before the note was there, so that nobody looked for this client. */
  readonly mayHaveEnded: boolean;
  /** Redis' clock. */
  readonly nowMs: number;
}

type Answer = [error: Error | null, result: unknown];

/** Both are kept this long after the last CONNECT; a session lives 30 days at most by default. */
const ttlSeconds = 90 * 86_400;
/** Of each note's commands those behind its writes. */
const commonCommands = 5;

/**
 * Notes clients, and looks at their sessions after that, in one round trip: whoever ends a session later finds them. For each
 * client, in their order, what came of it, or the error that Redis answered or that there was no answer.
 */
export async function noteClients(
  store: Store,
  clients: readonly ConnectedClient[],
): Promise<(NotedOutcome | Error)[]> {
  try {
    const pipeline = store.redis.pipeline();
    const counts = clients.map((client) => addNote(pipeline, client));
    const answers = ((await pipeline.time().exec()) ?? []) as Answer[];
    const time = answers.at(-1);
    return counts.map((count) => toOutcome(answers.splice(0, count), time));
  } catch (error) {
    return clients.map(() => error as Error);
  }
}

/** Returns how many commands it took. */
function addNote(pipeline: Pipeline, client: ConnectedClient): number {
  const { sid, generation } = client;
  const writes = client.isLate ? addLateConnect(pipeline, client) : addConnect(pipeline, client);
  pipeline
    .expire(clientsKey(sid), ttlSeconds)
    .hlen(clientsKey(sid))
    .zadd(usedGenerationKey(sid), 'GT', generation, 'generation')
    .expire(usedGenerationKey(sid), ttlSeconds)
    .hmget(sessionKey(sid), 'state', 'pending', 'accessUntilMs', 'absoluteUntilMs');
  return writes + commonCommands;
}

function addConnect(pipeline: Pipeline, { sid, seenMs, ...client }: ConnectedClient): number {
  pipeline.hset(clientsKey(sid), fieldsOfConnect(client, { seenMs }));
  return 1;
}

function addLateConnect(pipeline: Pipeline, { sid, seenMs, clientId }: ConnectedClient): number {
  pipeline
    .hset(clientsKey(sid), fieldOfLateConnect(clientId, seenMs), seenMs)
    .hsetnx(clientsKey(sid), clientId, seenMs);
  return 2;
}

function toOutcome(answers: readonly Answer[], time: Answer | undefined): NotedOutcome | Error {
  const error = [...answers, time].find((answer) => answer?.[0])?.[0];
  if (error) return error;
  const [, clients, , , facts] = answers.slice(-commonCommands).map(([, result]) => result);
  const nowMs = toMs(time?.[1] as [string, string]);
  const [state, pending, ...ends] = facts as (string | null)[];
  const isLive = state === 'active' && pending === '' && ends.every((untilMs) => nowMs < Number(untilMs));
  return { clients: Number(clients), mayHaveEnded: !isLive, nowMs };
}
