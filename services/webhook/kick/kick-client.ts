import type { CheckedOwner } from '../../core/check/decide-acl-check.ts';
import { inOneWrite } from '../../core/redis/in-one-write.ts';
import type { Store } from '../../core/redis/store.ts';
import type { KickOutcome } from '../metrics.ts';
import { clientsKeyOf, isLive } from './client-owner.ts';
import { forgetClient } from './forget-client.ts';
import { redisNowMs } from './redis-now.ts';
import { openTakeOver } from './take-over.ts';
import { giveBack, issueTicket, redeemTicket } from './tickets.ts';

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

/** What became of a try, `atMs` by Redis' clock; `busy` = another service holds the ticket for this client id. */
export type KickResult =
  | { outcome: 'kicked'; atMs: number }
  | { outcome: Exclude<KickOutcome, 'kicked' | 'failed' | 'given-up'> }
  | { outcome: 'busy' | 'failed'; left: Kick; error?: Error };

/** Without Redis all kicks that wait would fail at once, each after opening a connection to the broker. */
const unreachable = new Error('Redis is out of reach');

/**
 * Tries to kick one client on every broker. Whether it may talk again is read right before each takeover, so that one
 * that was renewed meanwhile stays. The client id is forgotten afterwards, unless it has connected anew since.
 */
export async function kickClient(store: Store, kick: Kick): Promise<KickResult> {
  if (store.redis.status !== 'ready') return { outcome: 'failed', left: kick, error: unreachable };
  return inOneWrite(store, () => kickEverywhere(store, kick));
}

async function kickEverywhere(store: Store, kick: Kick): Promise<KickResult> {
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
  const noted = await reading;
  return { outcome: 'kicked', atMs: await inOneWrite(store, () => forgetUnlessAnew(store, kick, noted)) };
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
  const takeOver = openTakeOver(brokerUrl);
  try {
    const issued = issueTicket(store, clientId);
    const asked = Promise.all([reading, issued, isLive(store, owner, clientId)]);
    asked.catch(() => giveBack(store, clientId, issued));
    const [noted, ticket, live] = await asked;
    const isDone = noted[clientId] === undefined && !evenIfForgotten;
    const needless = isDone ? 'done-by-other' : live ? 'live-again' : undefined;
    if (ticket === undefined) return needless ?? 'busy';
    const result = needless ?? (await takeOver.connect(clientId, ticket).then(toKicked, toError));
    if (result !== 'kicked') await redeemTicket(store, clientId, ticket);
    return result;
  } finally {
    takeOver.close();
  }
}

const toKicked = () => 'kicked' as const;
const toError = (error: Error) => error;

/** Returns the time by Redis' clock before that. */
async function forgetUnlessAnew(store: Store, kick: Kick, noted: Noted): Promise<number> {
  const reading = store.redis.hget(clientsKeyOf(kick.owner), kick.clientId);
  const [atMs, entry] = await Promise.all([redisNowMs(store), reading]);
  if (entry === noted[kick.clientId]) await forgetClient(store, kick, noted);
  return atMs;
}
