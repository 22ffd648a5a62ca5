import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ticketKey } from '../../core/redis/keys.ts';
import type { Store } from '../../core/redis/store.ts';

const ticketSeconds = 10;
const longestTicket = 64;
const takeBackMs = 100;

/**
 * Issues the right to connect once with one client id: 256 random bits, stored as SHA-256 for 10 s. Undefined if
 * another one is out for this client id: then another webhook service is at work on it.
 */
export async function issueTicket(store: Store, clientId: string): Promise<string | undefined> {
  const ticket = randomBytes(32).toString('base64url');
  try {
    const stored = await store.redis.set(ticketKey(clientId), hashOf(ticket), 'EX', ticketSeconds, 'NX');
    return stored === 'OK' ? ticket : undefined;
  } catch (error) {
    void takeBack(store, clientId, ticket);
    throw error;
  }
}

/** Takes a ticket back that will not be used: the next try would find it, and wait for its end. */
export function giveBack(store: Store, clientId: string, issued: Promise<string | undefined>): void {
  issued
    .then((ticket) => (ticket === undefined ? undefined : takeBack(store, clientId, ticket)))
    .catch(() => undefined); // It was not issued, or is being taken back.
}

/** It may be out though Redis' answer was lost. */
async function takeBack(store: Store, clientId: string, ticket: string): Promise<void> {
  for (const endMs = performance.now() + ticketSeconds * 1000; performance.now() < endMs;) {
    const isDone = await redeemTicket(store, clientId, ticket).then(
      () => true,
      () => false,
    );
    if (isDone) return;
    await delay(takeBackMs, undefined, { ref: false });
  }
}

/** Whether `ticket` is the one for this client id; it can't be used again. A wrong guess does not use it up. */
export async function redeemTicket(store: Store, clientId: string, ticket: string): Promise<boolean> {
  if (ticket.length > longestTicket) return false;
  const key = ticketKey(clientId);
  const stored = await store.redis.get(key);
  if (stored === null || !isEqual(stored, hashOf(ticket))) return false;
  return (await store.redis.getdel(key)) === stored;
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64url');
}

function isEqual(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
