import type { RuleRef } from '../acl/rules.ts';
import { sidOfClientId } from '../ids.ts';
import { checkAcl, type AclCheckResult, type CheckSources } from './check-acl.ts';
import type { AclCheck } from './decide-acl-check.ts';
import type { DeviceFacts } from './read-device-facts.ts';
import type { Facts } from './read-facts.ts';
import { denialReasons, type DenialReason } from './reasons.ts';

/** Why a check is granted or denied, for an operator. Times in ms since 1970. */
export interface Explanation {
  granted: boolean;
  /** Absent if granted. */
  reason?: DenialReason;
  /** The rule behind the decision, if one decided. */
  rule?: RuleRef;
  /** Which version of the rules is in force; absent if the names alone decided. */
  rulesVersion?: string;
  session?: {
    sid: string;
    username: string;
    state: string;
    pending: string;
    roles: readonly string[];
    accessUntilMs: number;
    absoluteUntilMs: number;
    endReason: string;
    endActor: string;
  };
  device?: {
    id: string;
    owner: string;
    state: string;
    roles: readonly string[];
    endReason: string;
    endActor: string;
  };
  /** The same as text, in the order of the decision. */
  sentences: string[];
}

/** Says what the webhook would answer to an ACL check now, and why, by the very path of the check. */
export async function explain(sources: CheckSources, check: AclCheck): Promise<Explanation> {
  const result = await checkAcl(sources, check);
  const { decision, facts, deviceFacts } = result;
  const { rule } = decision;
  const read = facts ?? deviceFacts;
  return {
    granted: decision.granted,
    ...(decision.granted ? {} : { reason: decision.reason }),
    ...(rule === undefined ? {} : { rule }),
    ...(read === undefined ? {} : { rulesVersion: read.rulesVersion ?? '0' }),
    ...sessionOf(check, facts),
    ...deviceOf(deviceFacts?.device),
    sentences: sentencesOf(check, result),
  };
}

function sessionOf({ clientId }: AclCheck, facts: Facts | undefined): Pick<Explanation, 'session'> {
  const sid = sidOfClientId(clientId);
  if (sid === undefined || facts?.session === undefined) return {};
  const { uid: _uid, amr: _amr, ...session } = facts.session;
  return { session: { sid, ...session } };
}

function deviceOf(device: DeviceFacts | undefined): Pick<Explanation, 'device'> {
  if (device === undefined) return {};
  const { id, owner, state, roles, endReason, endActor } = device;
  return { device: { id, owner, state, roles, endReason, endActor } };
}

function sentencesOf(check: AclCheck, { decision, facts, deviceFacts }: AclCheckResult): string[] {
  const verdict = decision.granted ? 'Granted' : 'Denied';
  const sentences = [
    `${verdict}: ${check.access} on ${JSON.stringify(check.topic)} by ${JSON.stringify(check.username)}.`,
  ];
  if (!decision.granted) sentences.push(denialReasons[decision.reason]);
  if (facts?.session) sentences.push(sessionSentence(facts.session, facts.nowMs));
  if (deviceFacts?.device) sentences.push(deviceSentence(deviceFacts.device));
  if (decision.rule) sentences.push(ruleSentence(decision.rule));
  return sentences;
}

function sessionSentence(session: NonNullable<Facts['session']>, nowMs: number): string {
  if (session.state !== 'active') {
    return `The session of ${session.username} was ended by ${session.endActor} (${session.endReason}).`;
  }
  const secondsLeft = Math.floor((session.accessUntilMs - nowMs) / 1000);
  const access = secondsLeft >= 0 ? `runs out in ${secondsLeft} s` : `ran out ${-secondsLeft} s ago`;
  return `The session of ${session.username} is active with ${rolesOf(session)}; its newest access token ${access}.`;
}

function deviceSentence(device: DeviceFacts): string {
  if (device.state === 'active') return `The device ${device.id} is active with ${rolesOf(device)}.`;
  return `The device ${device.id} was ${device.state} by ${device.endActor} (${device.endReason}).`;
}

function rolesOf({ roles }: { readonly roles: readonly string[] }): string {
  return roles.length > 0 ? `roles ${roles.join(', ')}` : 'no role';
}

function ruleSentence({ holder, name, index, filter }: RuleRef): string {
  return `Decided by rule ${index + 1} of ${holder} ${name}, with the topic filter ${filter}.`;
}
