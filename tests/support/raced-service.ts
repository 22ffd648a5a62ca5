import { Registry } from 'prom-client';
import type { Test } from 'tap';
import type { CheckSources } from '../../services/core/check/check-acl.ts';
import { createRulesSource } from '../../services/core/check/rules-source.ts';
import type { Lease, LeaseUse } from '../../services/core/leases/lease.ts';
import { createCounterFile } from '../../services/webhook/decision-cache/counter-file.ts';
import { openCounters, type Counters } from '../../services/webhook/decision-cache/counters.ts';
import {
  createDecisionCache,
  type DecisionCache,
} from '../../services/webhook/decision-cache/decision-cache.ts';
import { createDecisionMetrics } from '../../services/webhook/decision-cache/decision-metrics.ts';
import type { Offer } from '../../services/webhook/decision-cache/offer.ts';
import { openNearCache } from '../../services/webhook/near-cache/near-cache.ts';
import { createNearMetrics } from '../../services/webhook/near-cache/near-metrics.ts';
import type { SlowRedis } from './slow-redis.ts';

/** A bug to plant into what is tested. */
export interface Bug {
  readonly counters?: (counters: Counters) => Counters;
  readonly decisions?: (decisions: DecisionCache, isApplying: () => boolean) => DecisionCache;
  /** The plugin looks at the counters when the answer is there. */
  readonly snapshotAfter?: boolean;
  /** Work that was put off until an event was acknowledged. */
  readonly afterAck?: () => void;
}

/** The caches of a webhook service in this process, whose lease is in the hands of a test. */
export interface RacedService {
  readonly sources: CheckSources;
  readonly offer: Offer | undefined;
  /** What the holder of the lease is told; `onProlonged` and `onLost` also begin and end it. */
  readonly use: LeaseUse;
  isHeld(): boolean;
  stop(): Promise<void>;
}

/** A few entries, so that the oldest go all the time. */
const mostBytes = 8000;
const leaseMs = 10_000;

/** Opens near cache and decision cache with a counter file at `path`, and a bug if there is one. */
export function openRacedService(t: Test, path: string, redis: SlowRedis, bug: Bug): RacedService {
  const registry = new Registry();
  const metrics = createDecisionMetrics(registry);
  const onFault = (error: Error) => t.error(error);
  const counters = openCounters(createCounterFile(path, { leaseMs }), { leaseMs, metrics, onFault });
  const decisions = createDecisionCache(bug.counters?.(counters) ?? counters, metrics);
  let isHeld = false;
  let isApplying = false;
  let given: LeaseUse | undefined;
  const lease: Lease = {
    isValid: () => isHeld,
    redisNowMs: () => Math.ceil(redis.nowMs() + 1),
    stop: async () => {},
  };
  const near = openNearCache(
    redis.store,
    { redisUrl: '', leaseMs, mostBytes },
    {
      metrics: createNearMetrics(registry),
      decisions: bug.decisions?.(decisions, () => isApplying) ?? decisions,
      onError: onFault,
      hold: (_settings, use) => {
        given = use;
        return lease;
      },
    },
  );
  if (given === undefined) throw new Error('no lease was asked for');
  const { onEvents, onDoubt, onProlonged, onLost, ...rest } = given as LeaseUse;

  function applying(work: () => void): void {
    isApplying = true;
    work();
    isApplying = false;
  }

  return {
    sources: { store: redis.store, rules: createRulesSource(redis.store), facts: near.facts },
    offer: near.offer,
    isHeld: () => isHeld,
    stop: near.stop,
    use: {
      ...rest,
      onEvents: (stream, events) => applying(() => onEvents(stream, events)),
      onDoubt: (stream) => applying(() => onDoubt(stream)),
      onProlonged(sent, redisMs) {
        isHeld = true;
        onProlonged(sent, redisMs);
      },
      onLost() {
        isHeld = false;
        return onLost();
      },
    },
  };
}
