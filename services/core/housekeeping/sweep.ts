import { readKey, sweepCursorKey, sweepLeaseKey, type SweptKind } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { noCounts, type SweepCounts } from './counts.ts';
import { takeLease, type Lease } from './lease.ts';
import { scanKeys, walkStart } from './scan-keys.ts';
import type { StepContext } from './step.ts';
import { sweepAccounts } from './sweep-accounts.ts';
import { doubtClaims } from './sweep-names.ts';
import { forgetLapsedSessions, sweepConnections, sweepSessionLists } from './sweep-sessions.ts';

/** How much one sweep may do. */
export interface SweepOptions {
  /** No new step begins after this time. */
  budgetMs?: number;
  /** About how many keys one step looks at. */
  keysPerStep?: number;
  /** Asked before each step: true ends the sweep. */
  isStopped?: () => boolean;
  /** Overrides Redis' clock in tests. */
  nowMs?: number;
}

/** What a sweep did, and whether it came to the end of the keys; `busy` = another instance is sweeping. */
export type SweepResult =
  { outcome: 'busy' } | { outcome: 'swept'; isWalkDone: boolean; counts: SweepCounts };

const leaseMs = 10_000;
const renewAfterMs = 3000;
const cursorSeconds = 86_400;

/**
 * Goes on with the walk over all keys for a short time and clears away what is left over on the way. Any instance may
 * call it at any time: a lease lets one sweep at a time, and each step is safe beside all other writers and beside
 * itself. Throws when Redis doesn't answer; the next sweep goes on from the last stored place.
 */
export async function sweepOnce(store: Store, options: SweepOptions = {}): Promise<SweepResult> {
  const lease = await takeLease(store, sweepLeaseKey, leaseMs);
  if (lease === undefined) return { outcome: 'busy' };
  try {
    return await walk({ store, counts: noCounts(), nowMs: options.nowMs }, lease, options);
  } finally {
    await lease.release().catch(() => undefined); // It runs out by itself.
  }
}

async function walk(
  context: StepContext,
  lease: Lease,
  { budgetMs = 100, keysPerStep = 100, isStopped = () => false }: SweepOptions,
): Promise<SweepResult> {
  const { store, counts } = context;
  const endMs = performance.now() + budgetMs;
  let renewAtMs = performance.now() + renewAfterMs;
  let place = (await store.redis.get(sweepCursorKey)) ?? walkStart;
  if (place === walkStart) await forgetLapsedSessions(context);
  do {
    if (isStopped()) break;
    if (performance.now() > renewAtMs) {
      if (!(await lease.renew())) return { outcome: 'swept', isWalkDone: false, counts };
      renewAtMs = performance.now() + renewAfterMs;
    }
    const { keys, next } = await scanKeys(store, place, keysPerStep);
    await sweepKeys(context, keys);
    place = next;
  } while (place !== walkStart && performance.now() < endMs);
  await store.redis.set(sweepCursorKey, place, 'EX', cursorSeconds);
  return { outcome: 'swept', isWalkDone: place === walkStart, counts };
}

/** One step: what can be cleared away behind these keys. */
async function sweepKeys(context: StepContext, keys: readonly string[]): Promise<void> {
  context.counts.keysSeen += keys.length;
  const read = <Kind extends SweptKind>(kind: Kind) =>
    keys.flatMap((key) => {
      const found = readKey(key);
      return found?.kind === kind ? [{ key, kind, id: found.id }] : [];
    });
  await sweepAccounts(
    context,
    read('account').map(({ id }) => id),
  );
  await sweepSessionLists(
    context,
    read('sessions').map(({ id }) => id),
  );
  await sweepConnections(context, [...read('clients'), ...read('used')]);
  const claims = [...read('login'), ...read('email')];
  await doubtClaims(
    context,
    claims.map(({ key }) => key),
  );
}
