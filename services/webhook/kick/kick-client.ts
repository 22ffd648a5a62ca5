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
  const { owner, clientId, brokerUrls } = kick;
  const clientsKey = clientsKeyOf(owner);
  const noted = await store.redis.hgetall(clientsKey);
  const entry = noted[clientId];
  if (entry === undefined) return { outcome: 'done-by-other' };

  const failed: string[] = [];
  let lastError: Error | undefined;
  for (const [index, brokerUrl] of brokerUrls.entries()) {
    const ticket = await issueTicket(store, clientId);
    if (ticket === undefined) {
      return { outcome: 'busy', left: { ...kick, brokerUrls: [...failed, ...brokerUrls.slice(index)] } };
    }
    if (await isLive(store, owner, clientId)) {
      await redeemTicket(store, clientId, ticket);
      return { outcome: 'live-again' };
    }
    try {
      await takeOver(brokerUrl, clientId, ticket);
    } catch (error) {
      await redeemTicket(store, clientId, ticket);
      failed.push(brokerUrl);
      lastError = error as Error;
    }
  }
  if (lastError) return { outcome: 'failed', left: { ...kick, brokerUrls: failed }, error: lastError };
  if ((await store.redis.hget(clientsKey, clientId)) === entry) {
    await forgetClient(store, kick, noted);
  }
  return { outcome: 'kicked' };
}
