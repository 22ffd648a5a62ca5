import type { CheckedOwner } from '../../core/check/decide-acl-check.ts';
import type { Store } from '../../core/redis/store.ts';
import type { KickOutcome } from '../metrics.ts';
import { clientsKeyOf, isLive } from './client-owner.ts';
import { forgetClient } from './forget-client.ts';
import { takeOver } from './take-over.ts';
import { issueTicket, redeemTicket } from './tickets.ts';

/** A client that has to go: its session or device may not talk any more since `sinceMs` by Redis' clock. */
export interface Kick {
  readonly owner: CheckedOwner;
  readonly clientId: string;
  readonly sinceMs: number;
  /** The brokers where it is still to be done. */
  readonly brokerUrls: readonly string[];
  /** Set if the client has connected since whatever kick of it was under way: that may have forgotten it too. */
  readonly evenIfForgotten?: true;
}

/** What became of a try; `busy` = another service holds the ticket for this client id. */
export type KickResult =
  | { outcome: Exclude<KickOutcome, 'failed' | 'given-up'> }
  | { outcome: 'busy' | 'failed'; left: Kick; error?: Error };

/**
 * Tries to kick one client on every broker. Whether it may talk again is read right before each takeover, so that one
 * that was renewed meanwhile stays. The client id is forgotten afterwards, unless it has connected anew since.
 */
export async function kickClient(store: Store, kick: Kick): Promise<KickResult> {
  const reading = store.redis.hgetall(clientsKeyOf(kick.owner));
  const failed: string[] = [];
  let lastError: Error | undefined;
  for (const [index, brokerUrl] of kick.brokerUrls.entries()) {
    const result = await kickAt(store, { ...kick, brokerUrl, reading });
    if (result === 'done-by-other' || result === 'live-again') return { outcome: result };
    if (result === 'busy')
      return { outcome: 'busy', left: { ...kick, brokerUrls: [...failed, ...kick.brokerUrls.slice(index)] } };
    if (result === 'kicked') continue;
    failed.push(brokerUrl);
    lastError = result;
  }
  if (lastError) return { outcome: 'failed', left: { ...kick, brokerUrls: failed }, error: lastError };
  await forgetUnlessAnew(store, kick, await reading);
  return { outcome: 'kicked' };
}

type Noted = Record<string, string>;

/** One try at one broker; an Error is why it failed. */
async function kickAt(
  store: Store,
  {
    owner,
    clientId,
    evenIfForgotten,
    brokerUrl,
    reading,
  }: Kick & { brokerUrl: string; reading: Promise<Noted> },
): Promise<Exclude<KickOutcome, 'failed' | 'given-up'> | 'busy' | Error> {
  // Sent together: one round trip, and one flush to disk.
  const [noted, ticket, live] = await Promise.all([
    reading,
    issueTicket(store, clientId),
    isLive(store, owner, clientId),
  ]);
  const isDone = noted[clientId] === undefined && !evenIfForgotten;
  if (isDone || live) {
    if (ticket !== undefined) await redeemTicket(store, clientId, ticket);
    return isDone ? 'done-by-other' : 'live-again';
  }
  if (ticket === undefined) return 'busy';
  try {
    await takeOver(brokerUrl, clientId, ticket);
    return 'kicked';
  } catch (error) {
    await redeemTicket(store, clientId, ticket);
    return error as Error;
  }
}

async function forgetUnlessAnew(store: Store, kick: Kick, noted: Noted): Promise<void> {
  const entry = await store.redis.hget(clientsKeyOf(kick.owner), kick.clientId);
  if (entry === noted[kick.clientId]) await forgetClient(store, kick, noted);
}
