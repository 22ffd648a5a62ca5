import type { SubjectRules } from './decide-acl.ts';
import type { TopicFilter } from './topic-filter.ts';

type AccessRules = SubjectRules[keyof SubjectRules];

/**
 * The rules of a subject for a broker that takes `.` and `/` for the same character, asked with `/` for both: a deny rule
 * holds for all that is the same topic there, and its `+` stands for one of the levels there. An allow rule with a point
 * allows nothing, for it may name the topics of somebody else.
 */
export function readPointsAsSlashes({ read, write, subscribe }: SubjectRules): SubjectRules {
  return { read: widenDenials(read), write: widenDenials(write), subscribe: widenDenials(subscribe) };
}

function widenDenials(rules: AccessRules): AccessRules {
  return { ...rules, deny: rules.deny.map((rule) => ({ ...rule, levels: splitAtPoints(rule.levels) })) };
}

function splitAtPoints(levels: TopicFilter['levels']): string[] {
  return levels.flatMap((level) => level.split('.'));
}
