import { clientsKey, sessionKey, usedGenerationKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { toMs } from '../redis/time.ts';
import { fieldsOfConnect, type Connection } from './connection.ts';

/** A client of a session whose CONNECT was granted at `seenMs`, by a token of `generation`. */
export interface ConnectedClient {
  readonly sid: string;
  readonly clientId: string;
  readonly generation: number;
  readonly seenMs: number;
  /** Where its broker reports when connections end. */
  readonly connection?: Connection | undefined;
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
const commandsPerClient = 6;

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
    for (const { sid, generation, seenMs, ...client } of clients) {
      pipeline
        .hset(clientsKey(sid), fieldsOfConnect(client, { seenMs }))
        .expire(clientsKey(sid), ttlSeconds)
        .hlen(clientsKey(sid))
        .zadd(usedGenerationKey(sid), 'GT', generation, 'generation')
        .expire(usedGenerationKey(sid), ttlSeconds)
        .hmget(sessionKey(sid), 'state', 'pending', 'accessUntilMs', 'absoluteUntilMs');
    }
    const answers = ((await pipeline.time().exec()) ?? []) as Answer[];
    return clients.map((_, index) =>
      toOutcome(answers.slice(index * commandsPerClient, (index + 1) * commandsPerClient), answers.at(-1)),
    );
  } catch (error) {
    return clients.map(() => error as Error);
  }
}

function toOutcome(answers: readonly Answer[], time: Answer | undefined): NotedOutcome | Error {
  const error = [...answers, time].find((answer) => answer?.[0])?.[0];
  if (error) return error;
  const nowMs = toMs(time?.[1] as [string, string]);
  const [state, pending, ...ends] = answers[5]?.[1] as (string | null)[];
  const isLive = state === 'active' && pending === '' && ends.every((untilMs) => nowMs < Number(untilMs));
  return { clients: Number(answers[2]?.[1]), mayHaveEnded: !isLive, nowMs };
}
