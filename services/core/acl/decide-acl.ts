import { substitute } from './filter-template.ts';
import type { PlaceholderValues } from './filter-template.ts';
import { readPointsAsSlashes } from './points-as-slashes.ts';
import type { Access, CompiledRule, CompiledRules, RuleRef } from './rules.ts';
import { parseSubscription } from './shared-subscription.ts';
import {
  findCover,
  isTopicFilter,
  isTopicName,
  matchesTopic,
  overlaps,
  parseTopicFilter,
} from './topic-filter.ts';
import type { TopicFilter } from './topic-filter.ts';

/**
 * Who asks: an account's username or a device's (`d:` + id), spelt as it is stored and not as a client wrote it, the MQTT
 * client id, and the roles held now.
 */
export interface Subject extends PlaceholderValues {
  readonly roles: readonly string[];
}

/** What is asked: a topic name to read or write, or a topic filter to subscribe to, with its `$share/<group>/` if any. */
export interface AclRequest {
  readonly topic: string;
  readonly access: Access;
  /** The broker can't tell `.` from `/`, and `topic` has `/` for both. */
  readonly pointsAreSlashes?: boolean | undefined;
}

/** Why a request is denied. The two `…-rule…` reasons and `filter-not-covered` are about rules, the others about the topic. */
export type DenialReason =
  | 'topic-malformed'
  | 'filter-malformed'
  | 'share-malformed'
  | 'denied-by-rule'
  | 'no-rule-allows'
  | 'filter-not-covered';

/**
 * The answer and the rule behind it. A subscription may take several rules to cover; the one told is then the
 * open-ended one. With `filter-not-covered` it is the first one that allows a part of what was asked.
 */
export type AclDecision =
  | { readonly granted: true; readonly rule: RuleRef }
  | { readonly granted: false; readonly reason: DenialReason; readonly rule?: RuleRef };

/** A rule as it applies to one subject, with the decision that it leads to. */
interface AppliedRule extends TopicFilter {
  readonly ref: RuleRef;
  readonly decision: AclDecision;
}

interface AccessRules {
  readonly allow: AppliedRule[];
  readonly deny: AppliedRule[];
  /** The first deny rule that the subject's own names would have changed: it denies every topic. */
  denyAll: AclDecision | undefined;
}

/** The rules of one subject, by access. Good until the subject or the rules' version changes. */
export type SubjectRules = Readonly<Record<Access, AccessRules>>;

const topicMalformed = deny('topic-malformed');
const filterMalformed = deny('filter-malformed');
const shareMalformed = deny('share-malformed');
const noRuleAllows = deny('no-rule-allows');

/**
 * Decides whether a subject may read, write or subscribe. A matching deny rule wins over every allow rule, and what no
 * rule allows is denied. A subscription is granted if each topic that it can bring is allowed for `subscribe` and none
 * is denied for `subscribe`; rules on `read` are asked again for each message at its delivery.
 */
export function decideAcl(compiled: CompiledRules, subject: Subject, request: AclRequest): AclDecision {
  const rules = compileForSubject(compiled, subject, request.access);
  return decideForSubject(request.pointsAreSlashes ? readPointsAsSlashes(rules) : rules, request);
}

/**
 * Collects the rules that apply to a subject: its own (account or device) first, then its roles' in their order. With
 * `access` only those that speak of it.
 */
export function compileForSubject(compiled: CompiledRules, subject: Subject, access?: Access): SubjectRules {
  const rules: SubjectRules = { read: noRules(), write: noRules(), subscribe: noRules() };
  applyRules(findOwnRules(compiled, subject));
  for (const role of subject.roles) applyRules(compiled.roles.get(role)?.rules ?? []);
  return rules;

  function applyRules(list: readonly CompiledRule[]): void {
    for (const rule of list) {
      if (access === undefined || rule.access.includes(access)) applyRule(rules, rule, subject);
    }
  }
}

/** Decides as decideAcl does, from rules already collected. Reading and writing allocate nothing. */
export function decideForSubject(rules: SubjectRules, { topic, access }: AclRequest): AclDecision {
  if (access === 'subscribe') return decideSubscription(rules.subscribe, topic);
  if (!isTopicName(topic)) return topicMalformed;
  const { denyAll, deny, allow } = rules[access];
  if (denyAll !== undefined) return denyAll;
  for (const rule of deny) if (matchesTopic(rule, topic)) return rule.decision;
  for (const rule of allow) if (matchesTopic(rule, topic)) return rule.decision;
  return noRuleAllows;
}

function decideSubscription({ denyAll, deny: denials, allow }: AccessRules, asked: string): AclDecision {
  const subscription = parseSubscription(asked);
  if (subscription.kind === 'malformed') return shareMalformed;
  if (!isTopicFilter(asked)) return filterMalformed;
  const filter = parseTopicFilter(subscription.filter);
  const denial = denyAll ?? denials.find((rule) => overlaps(rule, filter))?.decision;
  if (denial !== undefined) return denial;
  const cover = findCover(filter, allow);
  if (cover !== undefined) return cover.decision;
  const partial = allow.find((rule) => overlaps(rule, filter));
  return partial === undefined ? noRuleAllows : deny('filter-not-covered', partial.ref);
}

function findOwnRules(compiled: CompiledRules, { username, deviceId }: Subject): readonly CompiledRule[] {
  const own =
    deviceId === undefined ? compiled.accounts.get(username.toLowerCase()) : compiled.devices.get(deviceId);
  return own ?? [];
}

function applyRule(
  rules: SubjectRules,
  { effect, access, template, ref }: CompiledRule,
  subject: Subject,
): void {
  const isAllow = effect === 'allow';
  const decision: AclDecision = isAllow ? { granted: true, rule: ref } : deny('denied-by-rule', ref);
  const substitution = substitute(template, subject);
  if (substitution.kind === 'filter') {
    const { levels, openEnded } = substitution.filter;
    const applied = { levels, openEnded, ref, decision };
    for (const each of access) rules[each][isAllow ? 'allow' : 'deny'].push(applied);
  } else if (substitution.kind === 'hostile-value' && !isAllow) {
    for (const each of access) rules[each].denyAll ??= decision;
  }
}

function noRules(): AccessRules {
  return { allow: [], deny: [], denyAll: undefined };
}

function deny(reason: DenialReason, rule?: RuleRef): AclDecision {
  return rule === undefined ? { granted: false, reason } : { granted: false, reason, rule };
}
