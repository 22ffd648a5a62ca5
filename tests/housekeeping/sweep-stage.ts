import { randomBytes } from 'node:crypto';
import type { Test } from 'tap';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { noCounts, type SweepCounts } from '../../services/core/housekeeping/counts.ts';
import { sweepOnce, type SweepOptions } from '../../services/core/housekeeping/sweep.ts';
import { accountKey, sweepCursorKey } from '../../services/core/redis/keys.ts';
import { openStore, untilReady, type Store } from '../../services/core/redis/store.ts';
import { createSession } from '../../services/core/sessions/create-session.ts';
import type { LiveSession } from '../../services/core/sessions/session.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

export const dayMs = 86_400_000;

export const lives = {
  accessTtlSeconds: 900,
  renewalIdleSeconds: 604_800,
  absoluteSeconds: 2_592_000,
  renewalGraceSeconds: 0,
  sessionsPerAccount: 20,
};

/** A Redis with the hands that sweep, and hands with all rights. */
export interface SweepStage {
  stack: TestStack;
  /** Redis as the user of the session service, which sweeps. */
  url: string;
  store: Store;
  admin: Store;
  /** A whole walk over all keys; what it did. */
  sweep(options?: SweepOptions): Promise<SweepCounts>;
  newAccount(changes?: Record<string, string>): Promise<{ uid: string; username: string; email: string }>;
  signIn(uid: string): Promise<LiveSession>;
}

/** Starts Redis for `t`. */
export async function startSweepStage(t: Test): Promise<SweepStage> {
  const stack = await startTestStack(t, { parts: ['redis'] });
  const url = stack.redisUrl('session');
  const [store, admin] = [await open(t, url), await open(t, stack.redisAdminUrl)];
  return {
    ...{ stack, url, store, admin },
    sweep: async (options) => {
      await admin.redis.del(sweepCursorKey);
      return sweepToTheEnd(store, options);
    },
    newAccount: async (changes) => {
      const username = `U${randomBytes(6).toString('hex')}`;
      const email = `${username}@example.org`;
      const created = await createAccount(admin, { username, email, ...template });
      if (created.outcome !== 'created') throw new Error(created.outcome);
      if (changes) await admin.redis.hset(accountKey(created.uid), changes);
      return { uid: created.uid, username, email };
    },
    signIn: async (uid) => {
      const context = { uid, epoch: '0', amr: ['pwd'], ip: '192.0.2.7', userAgent: 'test' };
      const session = await createSession(admin, context, lives);
      if (!session) throw new Error('no session was created');
      return session;
    },
  };
}

/** A connection that ends with `t`. */
export async function open(t: Test, url: string, commandTimeoutMs = 2000): Promise<Store> {
  const store = openStore({ url, commandTimeoutMs });
  t.teardown(() => store.close());
  await untilReady(store, 5000);
  return store;
}

/** Sweeps until the walk comes to its end; what all the sweeps did. */
export async function sweepToTheEnd(store: Store, options: SweepOptions = {}): Promise<SweepCounts> {
  const sum = noCounts();
  for (;;) {
    const result = await sweepOnce(store, options);
    if (result.outcome === 'busy') throw new Error('another sweep is under way');
    for (const name of Object.keys(sum) as (keyof SweepCounts)[]) sum[name] += result.counts[name];
    if (result.isWalkDone) return sum;
  }
}

const template = { roles: ['user'], passwordHash: 'none', actor: 'test' };
