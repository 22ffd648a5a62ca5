import { decideAcl } from '../acl/decide-acl.ts';
import type { Access, BrokenRules, CompiledRules, RuleRef } from '../acl/rules.ts';
import { isUsername, sidOfClientId } from '../ids.ts';
import type { ConnectNames } from './decide-connect.ts';
import { decideDevice, findCheckedDevice, isDeviceName } from './decide-device.ts';
import { decideSessionByRules } from './decide-session.ts';
import type { DeviceCheckFacts } from './read-device-facts.ts';
import type { Facts } from './read-facts.ts';
import { deny, type Denial, type DenialReason } from './reasons.ts';

/** What an ACL check asks. */
export interface AclCheck {
  readonly username: string;
  readonly clientId: string;
  readonly topic: string;
  readonly access: Access;
  /** As in AclRequest. */
  readonly pointsAreSlashes?: boolean | undefined;
}

/** The answer to an ACL check and the rule behind it, where there is one. */
export type AclCheckDecision =
  | { readonly granted: true; readonly rule: RuleRef }
  | { readonly granted: false; readonly reason: DenialReason; readonly rule?: RuleRef };

/** The MQTT username of a kick; no account or device can have it. */
export const kickUsername = 'k:kick';

/** Who is asked about: a session or a device. */
export type CheckedOwner = { readonly sid: string } | { readonly deviceId: string };

/** The session or device that an ACL check is about, by its names alone, or why there can't be one. */
export function findCheckedOwner(check: ConnectNames): ({ granted: true } & CheckedOwner) | Denial {
  const { username, clientId } = check;
  if (username === kickUsername) return deny('kick-has-no-topics');
  if (isDeviceName(username)) return findCheckedDevice(check);
  if (!isUsername(username)) return deny('username-malformed');
  const sid = sidOfClientId(clientId);
  return sid === undefined ? deny('client-id-malformed') : { granted: true, sid };
}

/** Decides an ACL check of a session: first its state, then the rules. */
export function decideAclCheck(
  check: AclCheck,
  facts: Facts,
  rules: CompiledRules | BrokenRules,
): AclCheckDecision {
  const live = decideSessionByRules(check.username, facts, rules);
  if (!live.granted) return live;
  if ('broken' in rules) return deny('rules-broken');
  const { username, clientId } = check;
  return decideAcl(rules, { username, clientId, roles: live.session.roles }, check);
}

/** Decides an ACL check of a device: first its state, then the rules. */
export function decideDeviceAclCheck(
  check: AclCheck,
  facts: DeviceCheckFacts,
  rules: CompiledRules | BrokenRules,
): AclCheckDecision {
  const live = decideDevice(facts);
  if (!live.granted) return live;
  if ('broken' in rules) return deny('rules-broken');
  const { username, clientId } = check;
  const { id: deviceId, roles } = live.device;
  return decideAcl(rules, { username, clientId, deviceId, roles }, check);
}
