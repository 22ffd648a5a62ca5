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
const endedWithoutEvent: ReadonlySet<DenialReason> = new Set([
  'session-expired',
  'session-pending',
  'access-lapsed',
  'second-factor-missing',
  'device-connection-void',
]);

/**
 * Answers one ACL check with one round trip to Redis at most (two where the version of the rules is new, or where a denial
 * from older facts has to be settled). The webhook and `explain` both come through here. Throws when Redis doesn't answer.
 */
export async function checkAcl(sources: CheckSources, check: AclCheck): Promise<AclCheckResult> {
  const result = await checkOnce(sources, check);
  return isInDoubt(result) ? checkOnce(sources, check, 'afresh') : result;
}

function isInDoubt({ decision, facts, deviceFacts }: AclCheckResult): boolean {
  if (decision.granted || (facts ?? deviceFacts)?.mayBeOlder === undefined) return false;
  return endedWithoutEvent.has(decision.reason);
}

async function checkOnce(
  { store, rules, facts: source = factsOf(store) }: CheckSources,
  check: AclCheck,
  how?: 'afresh',
): Promise<AclCheckResult> {
  const checked = findCheckedOwner(check);
  if (!checked.granted) return { decision: checked };
  if ('sid' in checked) {
    const facts = await source.readFacts(checked.sid, how);
    return { decision: decideAclCheck(check, facts, await rules.get(facts.rulesVersion)), facts };
  }
  const client = { deviceId: checked.deviceId, clientId: check.clientId };
  const deviceFacts = await source.readDeviceFacts(client, how);
  const compiled = await rules.get(deviceFacts.rulesVersion);
  return { decision: decideDeviceAclCheck(check, deviceFacts, compiled), deviceFacts };
}
