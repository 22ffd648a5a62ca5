import { memberPath } from '../acl/rules-fault.ts';
import type { Role, Rule, RulesDocument } from '../acl/rules.ts';

/** One line of a difference: `+` comes, `-` goes, `~` changes. */
export interface ChangedLine {
  sign: '+' | '-' | '~';
  text: string;
}

/** What changes for one role, account or device; `+` and `-`: the holder itself comes or goes. */
export interface ChangedHolder extends ChangedLine {
  lines: ChangedLine[];
}

/** What a holder has: a rule list, and for a role permissions and the demand for a second factor. */
type Holder = Role;

const nobody: Holder = { permissions: [], rules: [] };

/** What changes from one document to another, holder by holder; empty if nothing does. */
export function findRulesDifference(before: RulesDocument, after: RulesDocument): ChangedHolder[] {
  return [
    ...compareHolders('roles', before.roles, after.roles),
    ...compareHolders('accounts', toHolders(before.accounts), toHolders(after.accounts)),
    ...compareHolders('devices', toHolders(before.devices), toHolders(after.devices)),
  ];
}

/** A rule in words: `allow read, write on a/#`. */
export function describeRule({ effect, access, filter }: Rule): string {
  return `${effect} ${access.join(', ')} on ${filter}`;
}

function toHolders(lists: Readonly<Record<string, readonly Rule[]>> = {}): Record<string, Holder> {
  return Object.fromEntries(
    Object.entries(lists).map(([name, rules]) => [name, { permissions: [], rules }] as const),
  );
}

function compareHolders(
  path: string,
  before: Readonly<Record<string, Holder>>,
  after: Readonly<Record<string, Holder>>,
): ChangedHolder[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name): ChangedHolder[] => {
    const was = Object.hasOwn(before, name) ? before[name] : undefined;
    const is = Object.hasOwn(after, name) ? after[name] : undefined;
    const lines = compareHolder(was ?? nobody, is ?? nobody);
    const sign = was === undefined ? '+' : is === undefined ? '-' : '~';
    return sign === '~' && lines.length === 0 ? [] : [{ sign, text: memberPath(path, name), lines }];
  });
}

function compareHolder(was: Holder, is: Holder): ChangedLine[] {
  return [
    ...only(was.permissions, is.permissions).map((text) => line('-', `permission ${text}`)),
    ...only(is.permissions, was.permissions).map((text) => line('+', `permission ${text}`)),
    ...compareSecondFactor(was, is),
    ...compareRules(was.rules, is.rules),
  ];
}

function compareSecondFactor(was: Holder, is: Holder): ChangedLine[] {
  if (was.secondFactor === is.secondFactor) return [];
  return [line(is.secondFactor === 'required' ? '+' : '-', 'second factor required')];
}

/** A rule that only changes its accesses is one line; an order that changes nothing else is a line of its own. */
function compareRules(was: readonly Rule[], is: readonly Rule[]): ChangedLine[] {
  const keysBefore = was.map(keyOf);
  const keysAfter = is.map(keyOf);
  const gone = without(was, keysAfter);
  const come = without(is, keysBefore);
  if (gone.length + come.length === 0) {
    return keysBefore.join('\n') === keysAfter.join('\n') ? [] : [line('~', 'the order of the rules')];
  }
  const predecessors = pairUp(gone, come);
  const replaced = new Set(predecessors.values());
  return [
    ...gone.filter((rule) => !replaced.has(rule)).map((rule) => line('-', describeRule(rule))),
    ...come.map((rule) => {
      const old = predecessors.get(rule);
      if (!old) return line('+', describeRule(rule));
      return line('~', `${describeRule(rule)} (was ${old.access.join(', ')})`);
    }),
  ];
}

/** Finds for rules that come the ones that go and speak of the same effect and filter: rule → predecessor. */
function pairUp(gone: readonly Rule[], come: readonly Rule[]): Map<Rule, Rule> {
  const free = Map.groupBy(gone, claimOf);
  const pairs = come.map((rule) => [rule, free.get(claimOf(rule))?.shift()] as const);
  return new Map(pairs.filter((pair): pair is [Rule, Rule] => pair[1] !== undefined));
}

function without(rules: readonly Rule[], keys: readonly string[]): Rule[] {
  const excluded = new Set(keys);
  return rules.filter((rule) => !excluded.has(keyOf(rule)));
}

/** The order of accesses says nothing. */
function keyOf({ effect, access, filter }: Rule): string {
  return JSON.stringify([effect, [...access].sort(), filter]);
}

function claimOf({ effect, filter }: Rule): string {
  return `${effect} ${filter}`;
}

function only(some: readonly string[], others: readonly string[]): string[] {
  return some.filter((text) => !others.includes(text));
}

function line(sign: ChangedLine['sign'], text: string): ChangedLine {
  return { sign, text };
}
