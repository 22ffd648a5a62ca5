import type { Violation } from '../history/judge.ts';
import type { Bug } from './overlay.ts';

/** A bug, what makes it show, and what is to be found. */
export interface PlantedBug extends Bug {
  /** Names of faults, or none if people alone will do. */
  readonly faults: readonly string[];
  readonly finds: readonly Violation['rule'][];
  /** Whether the suite plants it, or `make planted` only. */
  readonly isInSuite?: true;
}

const stale = ['granted-after-revocation', 'delivered-after-revocation'] as const;

/** What keeps memories from granting what has ended. */
const memoryBugs: readonly PlantedBug[] = [
  {
    name: 'a revoker does not wait for those who may answer from memory',
    file: 'services/core/leases/confirm-ended.ts',
    right: ', awaited]);',
    wrong: ']); awaited.catch(() => undefined);',
    faults: ['pause a webhook'],
    finds: stale,
  },
  {
    name: 'a lease never ends',
    file: 'services/core/leases/lease-clock.ts',
    right: 'return now.steadyMs - sent.steadyMs < leaseMs && now.wallMs - sent.wallMs < leaseMs;',
    wrong: 'return now.steadyMs - sent.steadyMs < Infinity;',
    faults: ['pause a webhook beyond its lease'],
    finds: stale,
  },
  {
    name: 'events drop nothing from the memory',
    file: 'services/webhook/near-cache/drop-by-events.ts',
    right: 'entries.drop(sid);',
    wrong: '',
    faults: [],
    finds: stale,
    isInSuite: true,
  },
  {
    name: 'counters are not bumped',
    file: 'services/webhook/decision-cache/counter-file.ts',
    right: 'bump: (slot) => write(...nextStamp(), stampOffset(slot)),',
    wrong: 'bump: () => undefined,',
    faults: [],
    finds: stale,
    isInSuite: true,
  },
];

/** What the truth in Redis rests on, and a checker that would miss needless denials. */
const truthBugs: readonly PlantedBug[] = [
  {
    name: 'a revocation leaves no tombstone',
    file: 'redis/scripts/sessions-revoke.lua',
    right: "redis.call('HSET', key, 'state', 'revoked', 'reason', ARGV[3],",
    wrong: "redis.call('HSET', key, 'reason', ARGV[3],",
    faults: [],
    finds: ['renewed-after-revocation', ...stale],
    isInSuite: true,
  },
  {
    name: 'a renewal does not look at the tombstone',
    file: 'redis/scripts/session-renew.lua',
    right: "if s[1] ~= 'active' then return {'refused', 'revoked'} end",
    wrong: '',
    faults: [],
    finds: ['renewed-after-revocation'],
  },
  {
    name: 'a repeated renewal rotates once more',
    file: 'redis/scripts/session-renew.lua',
    right: "return answer('repeated', G)",
    wrong: "redis.call('HSET', KEYS[1], 'generation', G + 1) return answer('rotated', G + 1)",
    faults: [],
    finds: ['two-successors'],
  },
  {
    name: 'somebody who was never revoked is denied now and then',
    file: 'services/core/check/decide-session.ts',
    right: "if (session.pending !== '') return",
    wrong: "if (session.pending !== '' || Math.random() < 0.1) return",
    faults: [],
    finds: ['denied-without-reason'],
    isInSuite: true,
  },
];

export const plantedBugs: readonly PlantedBug[] = [...memoryBugs, ...truthBugs];
