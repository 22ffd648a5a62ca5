import type { Store } from '../redis/store.ts';
import {
  decideAclCheck,
  decideDeviceAclCheck,
  findCheckedOwner,
  type AclCheck,
  type AclCheckDecision,
} from './decide-acl-check.ts';
import { readDeviceFacts, type DeviceCheckFacts } from './read-device-facts.ts';
import { readFacts, type Facts } from './read-facts.ts';
import type { RulesSource } from './rules-source.ts';

/** What an ACL check is decided from. */
export interface CheckSources {
  readonly store: Store;
  readonly rules: RulesSource;
}

/** A decision and the facts behind it, about a session or about a device; none if the names alone decided. */
export interface AclCheckResult {
  readonly decision: AclCheckDecision;
  readonly facts?: Facts;
  readonly deviceFacts?: DeviceCheckFacts;
}

/**
 * Answers one ACL check with one round trip to Redis (two where the version of the rules is new). The webhook and
 * `explain` both come through here. Throws when Redis doesn't answer.
 */
export async function checkAcl({ store, rules }: CheckSources, check: AclCheck): Promise<AclCheckResult> {
  const checked = findCheckedOwner(check);
  if (!checked.granted) return { decision: checked };
  if ('sid' in checked) {
    const facts = await readFacts(store, checked.sid);
    return { decision: decideAclCheck(check, facts, await rules.get(facts.rulesVersion)), facts };
  }
  const client = { deviceId: checked.deviceId, clientId: check.clientId };
  const deviceFacts = await readDeviceFacts(store, client);
  const compiled = await rules.get(deviceFacts.rulesVersion);
  return { decision: decideDeviceAclCheck(check, deviceFacts, compiled), deviceFacts };
}
