import type { AclCheckResult } from '../../core/check/check-acl.ts';
import { deviceGrantedUntilMs } from '../../core/check/decide-device.ts';
import { sessionGrantedUntilMs } from '../../core/check/decide-session.ts';
import { sidOfClientId } from '../../core/ids.ts';
import type { Lease } from '../../core/leases/lease.ts';
import { deviceName } from '../near-cache/drop-by-events.ts';
import type { Memory, Remembered } from '../near-cache/near-facts.ts';
import type { Counters } from './counters.ts';
import type { DecisionMetrics, OfferOutcome } from './decision-metrics.ts';
import type { Ends } from './ends.ts';
import { slotOf } from './layout.ts';
import { firstSlotBytes, furtherSlotBytes, type NotedSlots } from './noted-slots.ts';

/** The value of `X-Bednet-Cache` for a granted check of a client id, if the broker may remember the grant. */
export type Offer = (clientId: string, granted: AclCheckResult) => string | undefined;

type Decided = { readonly key: string; readonly untilMs: number; readonly rulesVersion: string | undefined };

/**
 * Makes the offers. To be asked in one go with the answer: what decided must be in memory at that moment, and from the same
 * moment on whoever drops it from there voids the grant, before any event is acknowledged.
 */
export function createOffer({
  lease,
  memory: { entries, rulesVersion },
  counters,
  noted,
  ends,
  metrics,
}: {
  lease: Lease;
  memory: Memory;
  counters: Counters;
  noted: NotedSlots;
  ends: Ends;
  metrics: DecisionMetrics;
}): Offer {
  function make(clientId: string, result: AclCheckResult): { header: string } | { refusal: OfferOutcome } {
    if (!counters.isOn()) return { refusal: 'off' };
    if (!lease.isValid()) return { refusal: 'no-lease' };
    const decided = findDecided(clientId, result);
    if (decided === undefined) return { refusal: 'not-kept' };
    const rules = rulesVersion.find();
    if (!rules.known || rules.version !== decided.rulesVersion) return { refusal: 'rules-changed' };
    const endMs = ends.find(decided.untilMs);
    if (endMs === undefined) return { refusal: 'lapsing' };
    const slot = slotOf(clientId);
    const refusal = noteSlot(decided.key, slot);
    return refusal ? { refusal } : { header: `1 ${counters.epoch} ${slot} ${endMs}000000` };
  }

  /** Undefined unless the memory holds the very facts that have decided. */
  function findDecided(clientId: string, { facts, deviceFacts }: AclCheckResult): Decided | undefined {
    const checked = facts ?? deviceFacts;
    if (checked === undefined) return undefined;
    const key = facts ? sidOfClientId(clientId) : deviceName(clientId);
    if (key === undefined || !isSameRead(entries.find(key), checked)) return undefined;
    const untilMs = facts ? sessionGrantedUntilMs(facts) : deviceGrantedUntilMs();
    return { key, untilMs, rulesVersion: checked.rulesVersion };
  }

  function noteSlot(key: string, slot: number): 'too-many-clients' | 'not-kept' | undefined {
    const outcome = noted.note(key, slot, performance.now());
    if (outcome === 'noted-before') return undefined;
    if (outcome === 'too-many') return 'too-many-clients';
    const bytes = outcome === 'first' ? firstSlotBytes : furtherSlotBytes;
    return entries.charge(key, bytes) ? undefined : 'not-kept';
  }

  return (clientId, result) => {
    const made = make(clientId, result);
    metrics.countOffer('header' in made ? 'offered' : made.refusal);
    return 'header' in made ? made.header : undefined;
  };
}

/** Each read makes a session or device of its own, which is handed on as it is. */
function isSameRead(remembered: Remembered | undefined, checked: Remembered): boolean {
  if (remembered === undefined) return false;
  const part = partOf(checked);
  return part !== undefined && part === partOf(remembered);
}

function partOf(facts: Remembered): object | undefined {
  return 'session' in facts ? facts.session : facts.device;
}
