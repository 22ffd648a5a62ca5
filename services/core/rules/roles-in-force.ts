import type { BrokenRules, CompiledRules } from '../acl/rules.ts';
import type { RulesSource } from '../check/rules-source.ts';
import { rulesKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/**
 * The rules in force, compiled, for whoever asks what roles permit and demand: one small read, and the document only
 * when its version is new. Throws when Redis doesn't answer.
 */
export async function readRolesInForce(
  store: Store,
  rules: RulesSource,
): Promise<CompiledRules | BrokenRules> {
  const version = await store.redis.hget(rulesKey, 'version');
  return rules.get(version ?? undefined);
}
