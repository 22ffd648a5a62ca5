import { hasPermission, permissionsOf } from '../../../core/accounts/permissions.ts';
import { checkRulesDocument } from '../../../core/acl/check-rules-document.ts';
import { compileRules, type RulesDocument } from '../../../core/acl/rules.ts';
import { describeFault } from '../../../core/acl/rules-fault.ts';
import { BednetError } from '../../../core/errors.ts';
import { readRulesInForce, type RulesInForce } from '../../../core/rules/read-rules.ts';
import { replaceRules, type RulesReplacement } from '../../../core/rules/replace-rules.ts';
import { findRulesDifference, type ChangedHolder } from '../../../core/rules/rules-difference.ts';
import { findRulesVersion } from '../../../core/rules/rules-history.ts';
import type { SessionContext } from '../../session-context.ts';
import { tell, type Admin } from './admin.ts';

/** What new rules would do: their faults, or what they would change. */
export type RulesCheck = { faults: string[] } | { difference: ChangedHolder[] };

const needed = 'rules.write';

/** The rules of a version, or those in force. Throws RES_NOT_FOUND. */
export async function getRules({ store }: SessionContext, version?: string): Promise<RulesInForce> {
  if (version === undefined) return readRulesInForce(store);
  const found = await findRulesVersion(store, version);
  if (!found) throw new BednetError('RES_NOT_FOUND');
  return found;
}

/** Says what is wrong with a document, or what it would change; changes nothing. */
export async function checkRules({ store }: SessionContext, document: unknown): Promise<RulesCheck> {
  const checked = checkRulesDocument(document);
  if (!checked.ok) return { faults: checked.faults.map(describeFault) };
  const inForce = await readRulesInForce(store);
  const before: RulesDocument = 'document' in inForce ? inForce.document : { version: '', roles: {} };
  return { difference: findRulesDifference(before, checked.document) };
}

/**
 * Puts a document in force instead of the version that it names; it counts at the next check. Returns the new version.
 * Throws VAL_RULES_INVALID with the first fault, RES_RULES_CHANGED.
 */
export async function putRules(context: SessionContext, admin: Admin, document: unknown): Promise<string> {
  const checked = checkRulesDocument(document);
  if (!checked.ok) throw faulty(checked.faults.map(describeFault));
  assertKeepsControl(admin, checked.document);
  const replacement = await replaceRules(context.store, checked.document, { actor: admin.session.uid });
  const version = versionOf(replacement);
  tell(admin, 'rules-changed', { reason: version });
  return version;
}

/**
 * Brings the content of an earlier version back, if the one in force is still the one that was seen. Returns the new
 * version. Throws RES_NOT_FOUND, VAL_RULES_INVALID, RES_RULES_CHANGED.
 */
export async function rollBack(
  context: SessionContext,
  admin: Admin,
  { to, seen }: { to: string; seen: string },
): Promise<string> {
  const earlier = await getRules(context, to);
  if ('faults' in earlier) throw faulty(earlier.faults);
  assertKeepsControl(admin, earlier.document);
  const document = { ...earlier.document, version: seen };
  const change = { actor: admin.session.uid, rolledBackTo: to };
  const version = versionOf(await replaceRules(context.store, document, change));
  tell(admin, 'rules-rolled-back', { reason: `${to} as ${version}` });
  return version;
}

/** Nobody locks themselves out: who changes the rules can change them again. */
function assertKeepsControl({ session }: Admin, document: RulesDocument): void {
  if (hasPermission(permissionsOf(session.roles, compileRules(document)), needed)) return;
  const message = `These rules would take the permission ${needed} from you.`;
  throw new BednetError('VAL_RULES_INVALID', { field: 'roles', message });
}

function versionOf({ outcome, version }: RulesReplacement): string {
  if (outcome === 'conflict') throw new BednetError('RES_RULES_CHANGED', { field: 'version' });
  return version;
}

function faulty(faults: readonly string[]): BednetError {
  return new BednetError('VAL_RULES_INVALID', { message: `The rules have faults: ${faults[0]}.` });
}
