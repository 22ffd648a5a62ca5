import { findTemplateFault } from './filter-template.ts';
import { isPlainObject, itemPath, notText, tellUnknownMembers, type RulesFault } from './rules-fault.ts';
import { accesses, effects, type Access, type Effect, type Rule } from './rules.ts';

/** 1,000 rules of ten levels: the budget of a decision, whose work is linear in the levels of the lists it asks. */
const mostLevelsPerList = 10_000;
const longMembers = ['effect', 'access', 'filter'];

interface PlacedRule {
  readonly rule: Rule;
  readonly path: string;
}

/**
 * Reads a list of rules of unknown origin, each as `{ allow: [read], filter }`, `{ deny: [read], filter }` or
 * `{ effect, access, filter }`. Returns the sound ones and adds to `faults` what is wrong with the others.
 */
export function readRuleList(path: string, list: unknown, faults: RulesFault[]): Rule[] {
  if (!Array.isArray(list)) {
    faults.push({ path, sentence: 'is not a list of rules' });
    return [];
  }
  const sound = list.flatMap((item: unknown, index): PlacedRule[] => {
    const rulePath = itemPath(path, index);
    const rule = readRule(rulePath, item, faults);
    return rule === undefined ? [] : [{ rule, path: rulePath }];
  });
  tellClashes(sound, faults);
  tellLevelExcess(path, sound, faults);
  return sound.map(({ rule }) => rule);
}

function readRule(path: string, item: unknown, faults: RulesFault[]): Rule | undefined {
  if (!isPlainObject(item)) {
    faults.push({ path, sentence: 'is not a rule' });
    return undefined;
  }
  const faultsBefore = faults.length;
  const { effect, access } = readForm(path, item, faults);
  const filter = readFilter(`${path}.filter`, item.filter, faults);
  return faults.length === faultsBefore ? { effect: effect as Effect, access, filter } : undefined;
}

function readForm(
  path: string,
  rule: Record<string, unknown>,
  faults: RulesFault[],
): { effect: unknown; access: Access[] } {
  const [effect, other] = effects.filter((name) => Object.hasOwn(rule, name));
  if (other !== undefined) faults.push({ path, sentence: `has both ${effect} and ${other}` });
  if (effect !== undefined) {
    tellUnknownMembers(path, rule, [...effects, 'filter'], faults);
    return { effect, access: readAccess(`${path}.${effect}`, rule[effect], faults) };
  }
  if (!Object.hasOwn(rule, 'effect') && !Object.hasOwn(rule, 'access')) {
    faults.push({ path, sentence: `has neither ${effects.join(' nor ')}` });
    tellUnknownMembers(path, rule, [...effects, 'filter'], faults);
    return { effect, access: [] };
  }
  tellUnknownMembers(path, rule, longMembers, faults);
  if (!isOneOf(effects, rule.effect)) {
    faults.push({ path: `${path}.effect`, sentence: `is not one of ${effects.join(', ')}` });
  }
  return { effect: rule.effect, access: readAccess(`${path}.access`, rule.access, faults) };
}

function readAccess(path: string, list: unknown, faults: RulesFault[]): Access[] {
  if (!Array.isArray(list) || list.length === 0) {
    faults.push({ path, sentence: `is not a list of ${accesses.join(', ')}` });
    return [];
  }
  for (const [index, item] of list.entries()) {
    const first = list.indexOf(item);
    if (!isOneOf(accesses, item)) {
      faults.push({ path: itemPath(path, index), sentence: `is not one of ${accesses.join(', ')}` });
    } else if (first !== index) {
      faults.push({ path: itemPath(path, index), sentence: `repeats ${itemPath(path, first)}` });
    }
  }
  return list as Access[];
}

function readFilter(path: string, filter: unknown, faults: RulesFault[]): string {
  const fault = typeof filter === 'string' ? findTemplateFault(filter) : notText(filter);
  if (fault !== undefined) faults.push({ path, sentence: fault });
  return String(filter);
}

/** Tells of rules of one list that say twice, or both ways, who may do one thing on one filter. */
function tellClashes(sound: readonly PlacedRule[], faults: RulesFault[]): void {
  const firstByClaim = new Map<string, PlacedRule>();
  for (const placed of sound) {
    for (const access of placed.rule.access) {
      const claim = `${access} ${placed.rule.filter}`;
      const first = firstByClaim.get(claim) ?? placed;
      firstByClaim.set(claim, first);
      if (first === placed) continue;
      const verb = first.rule.effect === placed.rule.effect ? 'repeats' : 'contradicts';
      faults.push({ path: placed.path, sentence: `${verb} ${first.path} for ${access}` });
    }
  }
}

function tellLevelExcess(path: string, sound: readonly PlacedRule[], faults: RulesFault[]): void {
  const count = sound.reduce((sum, { rule }) => sum + rule.filter.split('/').length, 0);
  if (count <= mostLevelsPerList) return;
  faults.push({ path, sentence: `has ${count} topic levels, more than ${mostLevelsPerList}` });
}

function isOneOf(words: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && words.includes(value);
}
