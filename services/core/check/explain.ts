import type { RuleRef } from '../acl/rules.ts';
import { sidOfClientId } from '../ids.ts';
import { checkAcl, type CheckSources } from './check-acl.ts';
import type { AclCheck, AclCheckDecision } from './decide-acl-check.ts';
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
  /** The same as text, in the order of the decision. */
  sentences: string[];
}

/** Says what the webhook would answer to an ACL check now, and why, by the very path of the check. */
export async function explain(sources: CheckSources, check: AclCheck): Promise<Explanation> {
  const { decision, facts } = await checkAcl(sources, check);
  const { rule } = decision;
  return {
    granted: decision.granted,
    ...(decision.granted ? {} : { reason: decision.reason }),
    ...(rule === undefined ? {} : { rule }),
    ...(facts === undefined ? {} : { rulesVersion: facts.rulesVersion ?? '0' }),
    ...sessionOf(check, facts),
    sentences: sentencesOf(check, decision, facts),
  };
}

function sessionOf({ clientId }: AclCheck, facts: Facts | undefined): Pick<Explanation, 'session'> {
  const sid = sidOfClientId(clientId);
  if (sid === undefined || facts?.session === undefined) return {};
  const { uid: _, ...session } = facts.session;
  return { session: { sid, ...session } };
}

function sentencesOf(check: AclCheck, decision: AclCheckDecision, facts: Facts | undefined): string[] {
  const verdict = decision.granted ? 'Granted' : 'Denied';
  const sentences = [
    `${verdict}: ${check.access} on ${JSON.stringify(check.topic)} by ${JSON.stringify(check.username)}.`,
  ];
  if (!decision.granted) sentences.push(denialReasons[decision.reason]);
  if (facts?.session) sentences.push(sessionSentence(facts.session, facts.nowMs));
  if (decision.rule) sentences.push(ruleSentence(decision.rule));
  return sentences;
}

function sessionSentence(session: NonNullable<Facts['session']>, nowMs: number): string {
  const roles = session.roles.length > 0 ? `roles ${session.roles.join(', ')}` : 'no role';
  if (session.state !== 'active') {
    return `The session of ${session.username} was ended by ${session.endActor} (${session.endReason}).`;
  }
  const secondsLeft = Math.floor((session.accessUntilMs - nowMs) / 1000);
  const access = secondsLeft >= 0 ? `runs out in ${secondsLeft} s` : `ran out ${-secondsLeft} s ago`;
  return `The session of ${session.username} is active with ${roles}; its newest access token ${access}.`;
}

function ruleSentence({ holder, name, index, filter }: RuleRef): string {
  return `Decided by rule ${index + 1} of ${holder} ${name}, with the topic filter ${filter}.`;
}
