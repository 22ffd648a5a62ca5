import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyError } from 'fastify';
import type { CheckedOwner } from '../../core/check/decide-acl-check.ts';
import { noteClients, type ConnectedClient, type NotedOutcome } from '../../core/connections/note-clients.ts';
import { clientsKey } from '../../core/redis/keys.ts';
import type { Store } from '../../core/redis/store.ts';
import { findFault } from '../contract/find-fault.ts';
import { trimClients } from './trim-clients.ts';

/** A client that was noted when its session had ended, perhaps, with the time by Redis' clock. */
export interface LateClient {
  readonly owner: CheckedOwner;
  readonly clientId: string;
  readonly sinceMs: number;
}

/** Notes the clients of sessions whose CONNECT is granted. */
export interface ClientNotes {
  /** Sends the note, or has it sent with the next ones; waits for it only while Redis is in trouble, and then throws its error. */
  note(client: Omit<ConnectedClient, 'seenMs'>): Promise<void>;
  /** Sends what waits. To be called before the ends of connections are written, so that those come after. */
  flush(): void;
  /** Calls `listener` with each client that has to be looked at: who ended its session may not have found it. */
  onLate(listener: (client: LateClient) => void): void;
  /** Returns when no note is under way; none is sent again. */
  stop(): Promise<void>;
}

/** Notes not yet confirmed, beyond which each CONNECT waits for its own. */
const mostOpen = 10_000;
/** More in one go would hold up checks on the same connection. */
const mostAtOnce = 100;
/** After a note the next ones are gathered for so long. */
const gatherMs = 4;
const retryMs = 200;

/**
 * Makes the notes of granted clients, by which they are listed and kicked. A CONNECT does not wait for the disk. Its note is
 * handed to the socket before it is answered; those that come right after it wait until it is confirmed, 4 ms at least,
 * and go together: so in a storm there is one write and one flush to disk for many.
 *
 * - Whoever ends a session finds the client, or else the look at the session that comes with the note finds it ended: then
 *   the client is kicked from here.
 * - A note that fails is sent again until Redis takes it. Until then each CONNECT waits for its own and fails with it, so
 *   that there are never more to be sent again than were open.
 * - The end of a connection is told after its CONNECT, and by the same socket. A note that is sent again could come after
 *   it, or after a newer CONNECT: so it tells no connection and replaces nothing. Whether that client is connected is
 *   unknown then, not wrong.
 * - That a token's generation was seen is a score that only rises: as if the CONNECT had come this much later.
 * - What is open when this process is killed is lost. Such a client is not listed and not kicked until it connects again;
 *   its checks are denied as all others.
 */
export function createClientNotes(store: Store, onLost: (error: unknown) => void): ClientNotes {
  const waiting: ConnectedClient[] = [];
  const failed: ConnectedClient[] = [];
  const flights = new Set<Promise<void>>();
  let open = 0;
  let isInTrouble = false;
  let stopped = false;
  let tellLate: (client: LateClient) => void = () => undefined;

  function send(): void {
    const batch = waiting.splice(0, mostAtOnce);
    if (batch.length === 0) return;
    const noted = noteClients(store, batch).then((outcomes) => {
      open -= batch.length;
      for (const [index, client] of batch.entries()) settle(client, outcomes[index] as NotedOutcome | Error);
    });
    const flight = Promise.all([noted, delay(gatherMs)]).then(() => {
      flights.delete(flight);
      if (flights.size === 0) send();
    });
    flights.add(flight);
  }

  function settle(client: ConnectedClient, outcome: NotedOutcome | Error): void {
    if (!(outcome instanceof Error)) return finish(client, outcome);
    if (stopped || findFault(outcome as FastifyError) !== 'store-unavailable') return onLost(outcome);
    failed.push({ ...client, isLate: true });
    if (!isInTrouble) void sendAgain();
  }

  function finish({ sid, clientId }: ConnectedClient, { clients, mayHaveEnded, nowMs }: NotedOutcome): void {
    trimClients(store, clientsKey(sid), clients);
    if (mayHaveEnded) tellLate({ owner: { sid }, clientId, sinceMs: nowMs });
  }

  async function sendAgain(): Promise<void> {
    isInTrouble = true;
    while (failed.length > 0 && !stopped) {
      await delay(retryMs);
      const batch = failed.splice(0, mostAtOnce);
      const outcomes = await noteClients(store, batch);
      for (const [index, client] of batch.entries()) settle(client, outcomes[index] as NotedOutcome | Error);
    }
    isInTrouble = false;
  }

  async function noteAndWait(client: ConnectedClient): Promise<void> {
    const [outcome] = await noteClients(store, [client]);
    if (outcome === undefined || outcome instanceof Error) throw outcome ?? new TypeError('no outcome');
    finish(client, outcome);
  }

  return {
    async note(asked) {
      const client = { ...asked, seenMs: Date.now() };
      if (isInTrouble || open >= mostOpen) return noteAndWait(client);
      open += 1;
      waiting.push(client);
      if (flights.size === 0) send();
    },
    flush() {
      while (waiting.length > 0) send();
    },
    onLate: (listener) => void (tellLate = listener),
    async stop() {
      stopped = true;
      while (waiting.length > 0) send();
      await Promise.all(flights);
    },
  };
}
