import { checkRulesDocument } from '../acl/check-rules-document.ts';
import { describeFault } from '../acl/rules-fault.ts';
import { defaultRulesDocument, type RulesDocument } from '../acl/rules.ts';
import { rulesKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** The rules in force: a document, or what is wrong with the one that is stored (it then allows nothing). */
export type RulesInForce =
  { version: string; document: RulesDocument } | { version: string; faults: readonly string[] };

/** Reads the rules in force; the default document, version `0`, if nobody has written any. */
export async function readRulesInForce(store: Store): Promise<RulesInForce> {
  const [version, text] = await store.redis.hmget(rulesKey, 'version', 'document');
  return typeof version === 'string'
    ? toRules(version, text ?? '')
    : { version: defaultRulesDocument.version, document: defaultRulesDocument };
}

/** Checks a stored document (JSON) of a version. */
export function toRules(version: string, text: string): RulesInForce {
  const parsed = parseObject(text);
  if (!parsed) return { version, faults: ['the document is not a JSON object'] };
  const checked = checkRulesDocument({ ...parsed, version });
  return checked.ok
    ? { version, document: checked.document }
    : { version, faults: checked.faults.map(describeFault) };
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // The caller says that it is broken.
  }
}
