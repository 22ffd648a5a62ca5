import { isDeviceId, isUsername } from '../ids.ts';
import { mostPermissionCharacters, unitePermissions } from './permission.ts';
import { readRole } from './read-role.ts';
import { readRuleList } from './read-rule-list.ts';
import { isPlainObject, memberPath, notText, tellUnknownMembers, type RulesFault } from './rules-fault.ts';
import type { RulesDocument } from './rules.ts';

/** Limits of a document, as it is stored. */
export const mostDocumentBytes = 262_144;
const mostRules = 10_000;
const longestVersion = 64;
const documentMembers = ['version', 'roles', 'accounts', 'devices'];

type Members<Value> = Record<string, Value>;
type Reader<Value> = (path: string, value: unknown, faults: RulesFault[]) => Value;

/**
 * Checks a document of unknown origin and finds all its faults at once. A document without faults comes back with each
 * rule as `{ effect, access, filter }` and each role with all its members, and is safe to compile and to store.
 */
export function checkRulesDocument(
  value: unknown,
): { ok: true; document: RulesDocument } | { ok: false; faults: RulesFault[] } {
  if (!isPlainObject(value)) return { ok: false, faults: [{ path: '', sentence: 'is not an object' }] };
  const faults: RulesFault[] = [];
  tellUnknownMembers('', value, documentMembers, faults);
  tellVersionFault(value.version, faults);
  const { accounts, devices } = value;
  const document: RulesDocument = {
    version: String(value.version),
    // Role names have the form of usernames.
    roles: readMembers('roles', value.roles, { isName: isUsername, read: readRole }, faults),
    ...(accounts !== undefined && {
      accounts: readMembers('accounts', accounts, { isName: isUsername, read: readRuleList }, faults),
    }),
    ...(devices !== undefined && {
      devices: readMembers('devices', devices, { isName: isDeviceId, read: readRuleList }, faults),
    }),
  };
  tellSameAccounts(Object.keys(document.accounts ?? {}), faults);
  tellExcess(document, faults);
  return faults.length > 0 ? { ok: false, faults } : { ok: true, document };
}

function tellVersionFault(version: unknown, faults: RulesFault[]): void {
  if (typeof version !== 'string') faults.push({ path: 'version', sentence: notText(version) });
  else if (version.length === 0 || version.length > longestVersion) {
    faults.push({ path: 'version', sentence: `has not 1 to ${longestVersion} characters` });
  }
}

function readMembers<Value>(
  path: string,
  members: unknown,
  { isName, read }: { isName: (name: string) => boolean; read: Reader<Value> },
  faults: RulesFault[],
): Members<Value> {
  if (!isPlainObject(members)) {
    faults.push({ path, sentence: `is not an object with the names of ${path}` });
    return {};
  }
  const entries = Object.entries(members).map(([name, value]): [string, Value] => {
    const ownPath = memberPath(path, name);
    if (!isName(name)) faults.push({ path: ownPath, sentence: 'has a name that nobody can have' });
    return [name, read(ownPath, value, faults)];
  });
  return Object.fromEntries(entries); // Defines members, so that __proto__ is one like any other.
}

/** Usernames are unique ignoring case: of two lists for one account only one would be in force. */
function tellSameAccounts(names: readonly string[], faults: RulesFault[]): void {
  const firstByLowerCase = new Map<string, string>();
  for (const name of names) {
    const first = firstByLowerCase.get(name.toLowerCase()) ?? name;
    firstByLowerCase.set(name.toLowerCase(), first);
    if (first === name) continue;
    const sentence = `is the same account as ${memberPath('accounts', first)}`;
    faults.push({ path: memberPath('accounts', name), sentence });
  }
}

/** What is too much is told of the document as a whole, as far as it could be read. */
function tellExcess(document: RulesDocument, faults: RulesFault[]): void {
  const bytes = Buffer.byteLength(JSON.stringify(document));
  if (bytes > mostDocumentBytes) {
    faults.push({ path: '', sentence: `has ${bytes} bytes, more than ${mostDocumentBytes}` });
  }
  const lists = [
    ...Object.values(document.roles).map(({ rules }) => rules),
    ...Object.values(document.accounts ?? {}),
    ...Object.values(document.devices ?? {}),
  ];
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  if (count > mostRules) faults.push({ path: '', sentence: `has ${count} rules, more than ${mostRules}` });
  tellPermissionExcess(document, faults);
}

/** An account may hold all roles at once, and its access token has to carry their permissions. */
function tellPermissionExcess({ roles }: RulesDocument, faults: RulesFault[]): void {
  const lists = Object.values(roles).map(({ permissions }) => permissions);
  const withoutAll = lists.filter((permissions) => !permissions.includes('*'));
  const { length } = JSON.stringify(unitePermissions(withoutAll));
  if (length <= mostPermissionCharacters) return;
  const sentence = `have ${length} characters of permissions together, more than ${mostPermissionCharacters}: use resource.*`;
  faults.push({ path: 'roles', sentence });
}
