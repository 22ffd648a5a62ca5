import type { Store } from '../redis/store.ts';
import {
  decideAclCheck,
  decideDeviceAclCheck,
  findCheckedOwner,
  type AclCheck,
  type AclCheckDecision,
} from './decide-acl-check.ts';
import { factsOf, type FactsSource, type Sourced } from './facts-source.ts';
import type { DeviceCheckFacts } from './read-device-facts.ts';
import type { Facts } from './read-facts.ts';
import type { DenialReason } from './reasons.ts';
import type { RulesSource } from './rules-source.ts';
import { whenKnown } from './when-known.ts';

/** What an ACL check is decided from. */
export interface CheckSources {
  readonly store: Store;
  readonly rules: RulesSource;
  /** Where facts are found instead of in the store. */
  readonly facts?: FactsSource | undefined;
}

/** A decision and the facts behind it, about a session or about a device; none if the names alone decided. */
export interface AclCheckResult {
  readonly decision: AclCheckDecision;
  readonly facts?: Sourced<Facts>;
  readonly deviceFacts?: Sourced<DeviceCheckFacts>;
}

/** What a renewal, a step-up, a CONNECT or the time may have ended, of which there is no event. */
export const endedWithoutEvent: ReadonlySet<DenialReason> = new Set([
  'session-expired',
  'session-pending',
  'access-lapsed',
  'second-factor-missing',
  'device-connection-void',
]);

/**
 * Answers one ACL check with one round trip to Redis at most (two where the version of the rules is new, or where a denial
 * from older facts has to be settled). With all in memory it answers at once, without a promise. The webhook and `explain`
 * both come through here. Throws when Redis doesn't answer.
 */
export function checkAcl(sources: CheckSources, check: AclCheck): AclCheckResult | Promise<AclCheckResult> {
  return whenKnown(checkOnce(sources, check), (result) =>
    isInDoubt(result) ? checkOnce(sources, check, 'afresh') : result,
  );
}

function isInDoubt({ decision, facts, deviceFacts }: AclCheckResult): boolean {
  if (decision.granted || (facts ?? deviceFacts)?.mayBeOlder === undefined) return false;
  return endedWithoutEvent.has(decision.reason);
}

function checkOnce(
  { store, rules, facts: source = factsOf(store) }: CheckSources,
  check: AclCheck,
  how?: 'afresh',
): AclCheckResult | Promise<AclCheckResult> {
  const checked = findCheckedOwner(check);
  if (!checked.granted) return { decision: checked };
  if ('sid' in checked) {
    return whenKnown(source.readFacts(checked.sid, how), (facts) =>
      whenKnown(rules.get(facts.rulesVersion), (compiled) => ({
        decision: decideAclCheck(check, facts, compiled),
        facts,
      })),
    );
  }
  const client = { deviceId: checked.deviceId, clientId: check.clientId };
  return whenKnown(source.readDeviceFacts(client, how), (deviceFacts) =>
    whenKnown(rules.get(deviceFacts.rulesVersion), (compiled) => ({
      decision: decideDeviceAclCheck(check, deviceFacts, compiled),
      deviceFacts,
    })),
  );
}
