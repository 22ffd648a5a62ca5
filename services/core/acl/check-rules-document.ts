import { isDeviceId, isUsername } from '../ids.ts';
import { findTemplateFault } from './filter-template.ts';
import { accesses, effects } from './rules.ts';
import type { Rule, RulesDocument } from './rules.ts';

/** 1,000 rules of ten levels: the budget of a decision, whose work is linear in the levels of the lists it asks. */
const mostLevelsPerList = 10_000;
const longestVersion = 64;
const documentMembers = ['version', 'roles', 'accounts', 'devices'];
const ruleMembers = ['effect', 'access', 'filter'];
const plainName = /^[A-Za-z0-9_-]+$/;

/**
 * Checks a document of unknown origin and finds all its faults at once, each as `<path> <what is wrong>`, for instance
 * `roles.user[2].filter is not a topic filter`. A document without faults is safe to compile.
 */
export function checkRulesDocument(
  value: unknown,
): { ok: true; document: RulesDocument } | { ok: false; faults: string[] } {
  if (!isPlainObject(value)) return { ok: false, faults: ['the document is not an object'] };
  const faults = [
    ...findUnknownMembers('', value, documentMembers),
    ...findVersionFaults(value.version),
    ...findHolderFaults('roles', value.roles, isUsername), // role names have the form of usernames
    ...(value.accounts === undefined ? [] : findHolderFaults('accounts', value.accounts, isUsername)),
    ...(value.devices === undefined ? [] : findHolderFaults('devices', value.devices, isDeviceId)),
    ...findSameAccounts(value.accounts),
  ];
  return faults.length > 0
    ? { ok: false, faults }
    : { ok: true, document: value as unknown as RulesDocument };
}

function findVersionFaults(version: unknown): string[] {
  const isVersion = typeof version === 'string' && version.length > 0 && version.length <= longestVersion;
  return isVersion ? [] : [`version is not a string of 1 to ${longestVersion} characters`];
}

function findHolderFaults(path: string, lists: unknown, isName: (name: string) => boolean): string[] {
  if (!isPlainObject(lists)) return [`${path} is not an object with lists of rules`];
  return Object.entries(lists).flatMap(([name, rules]) => {
    const listPath = memberPath(path, name);
    const nameFaults = isName(name) ? [] : [`${listPath} has a name that nobody can have`];
    return [...nameFaults, ...findListFaults(listPath, rules)];
  });
}

/** Usernames are unique ignoring case: of two lists for one account only one would be in force. */
function findSameAccounts(accounts: unknown): string[] {
  if (!isPlainObject(accounts)) return [];
  const firstByLowerCase = new Map<string, string>();
  return Object.keys(accounts).flatMap((name) => {
    const first = firstByLowerCase.get(name.toLowerCase()) ?? name;
    firstByLowerCase.set(name.toLowerCase(), first);
    if (first === name) return [];
    return [`${memberPath('accounts', name)} is the same account as ${memberPath('accounts', first)}`];
  });
}

function findListFaults(path: string, rules: unknown): string[] {
  if (!Array.isArray(rules)) return [`${path} is not a list of rules`];
  const faultsByRule = rules.map((rule, index) => findRuleFaults(`${path}[${index}]`, rule));
  const sound = (rules as Rule[])
    .map((rule, index) => ({ rule, rulePath: `${path}[${index}]` }))
    .filter((_, index) => faultsByRule[index]?.length === 0);
  return [...faultsByRule.flat(), ...findClashes(sound), ...findLevelExcess(path, sound)];
}

function findRuleFaults(path: string, rule: unknown): string[] {
  if (!isPlainObject(rule)) return [`${path} is not an object`];
  return [
    ...findUnknownMembers(path, rule, ruleMembers),
    ...(isOneOf(effects, rule.effect) ? [] : [`${path}.effect is not one of ${effects.join(', ')}`]),
    ...findAccessFaults(`${path}.access`, rule.access),
    ...findFilterFaults(`${path}.filter`, rule.filter),
  ];
}

function findAccessFaults(path: string, access: unknown): string[] {
  if (!Array.isArray(access) || access.length === 0)
    return [`${path} is not a list of ${accesses.join(', ')}`];
  return access.flatMap((item, index) => {
    if (!isOneOf(accesses, item)) return [`${path}[${index}] is not one of ${accesses.join(', ')}`];
    const first = access.indexOf(item);
    return first === index ? [] : [`${path}[${index}] repeats ${path}[${first}]`];
  });
}

function findFilterFaults(path: string, filter: unknown): string[] {
  const fault = typeof filter === 'string' ? findTemplateFault(filter) : 'is not a string';
  return fault === undefined ? [] : [`${path} ${fault}`];
}

/** Rules of one list that say twice, or both ways, who may do one thing on one filter. */
function findClashes(sound: readonly { rule: Rule; rulePath: string }[]): string[] {
  const firstByClaim = new Map<string, (typeof sound)[number]>();
  const claims = sound.flatMap((entry) => entry.rule.access.map((access) => ({ entry, access })));
  return claims.flatMap(({ entry, access }) => {
    const claim = `${access} ${entry.rule.filter}`;
    const first = firstByClaim.get(claim) ?? entry;
    firstByClaim.set(claim, first);
    if (first === entry) return [];
    const verb = first.rule.effect === entry.rule.effect ? 'repeats' : 'contradicts';
    return [`${entry.rulePath} ${verb} ${first.rulePath} for ${access}`];
  });
}

function findLevelExcess(path: string, sound: readonly { rule: Rule }[]): string[] {
  const count = sound.reduce((sum, { rule }) => sum + rule.filter.split('/').length, 0);
  return count <= mostLevelsPerList
    ? []
    : [`${path} has ${count} topic levels, more than ${mostLevelsPerList}`];
}

function findUnknownMembers(path: string, value: object, known: readonly string[]): string[] {
  const unknown = Object.keys(value).filter((key) => !known.includes(key));
  return unknown.map((key) => `${memberPath(path, key)} is not one of ${known.join(', ')}`);
}

function memberPath(path: string, name: string): string {
  if (!plainName.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

function isOneOf(words: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && words.includes(value);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
