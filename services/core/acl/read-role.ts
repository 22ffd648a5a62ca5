import { isPermission } from './permission.ts';
import { readRuleList } from './read-rule-list.ts';
import { isPlainObject, itemPath, notText, tellUnknownMembers, type RulesFault } from './rules-fault.ts';
import type { Role } from './rules.ts';

const roleMembers = ['permissions', 'secondFactor', 'rules'];

/**
 * Reads a role of unknown origin: an object with permissions, secondFactor and rules, each of which may be missing, or
 * a list of rules alone. What is wrong with it is added to `faults`.
 */
export function readRole(path: string, role: unknown, faults: RulesFault[]): Role {
  if (Array.isArray(role)) return { permissions: [], rules: readRuleList(path, role, faults) };
  if (!isPlainObject(role)) {
    faults.push({ path, sentence: `is neither a list of rules nor a role with ${roleMembers.join(', ')}` });
    return { permissions: [], rules: [] };
  }
  tellUnknownMembers(path, role, roleMembers, faults);
  const { permissions = [], secondFactor, rules = [] } = role;
  if (secondFactor !== undefined && secondFactor !== 'required') {
    faults.push({ path: `${path}.secondFactor`, sentence: 'is not required, the one thing it can be' });
  }
  return {
    permissions: readPermissions(`${path}.permissions`, permissions, faults),
    ...(secondFactor === undefined ? {} : { secondFactor: 'required' }),
    rules: readRuleList(`${path}.rules`, rules, faults),
  };
}

function readPermissions(path: string, list: unknown, faults: RulesFault[]): string[] {
  if (!Array.isArray(list)) {
    faults.push({ path, sentence: 'is not a list of permissions' });
    return [];
  }
  const firstIndexes = new Map<unknown, number>();
  return list.filter((item: unknown, index): item is string => {
    const first = firstIndexes.get(item) ?? index;
    firstIndexes.set(item, first);
    const sentence = first === index ? findPermissionFault(item) : `repeats ${itemPath(path, first)}`;
    if (sentence !== undefined) faults.push({ path: itemPath(path, index), sentence });
    return sentence === undefined;
  });
}

function findPermissionFault(item: unknown): string | undefined {
  if (typeof item !== 'string') return notText(item);
  return isPermission(item) ? undefined : 'is not resource.action, resource.* or *';
}
