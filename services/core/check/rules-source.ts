import { compileRules, defaultRulesDocument, type BrokenRules, type CompiledRules } from '../acl/rules.ts';
import type { Store } from '../redis/store.ts';
import { readRulesInForce } from '../rules/read-rules.ts';

/** Compiled rules by version. */
export interface RulesSource {
  /** The rules of a version (undefined = nobody has written any), or of the newer one that replaced it meanwhile. */
  get(version: string | undefined): RulesInForce | Promise<RulesInForce>;
}

type RulesInForce = CompiledRules | BrokenRules;

const defaultRules = compileRules(defaultRulesDocument);

/**
 * Reads and compiles the rules once per version; checks that miss at the same time wait for one read. `onBroken` is
 * told once per version what is wrong with a document that can't be used.
 */
export function createRulesSource(store: Store, onBroken?: (faults: readonly string[]) => void): RulesSource {
  let current: { version: string; rules: RulesInForce | Promise<RulesInForce> } | undefined;

  async function load(version: string): Promise<RulesInForce> {
    const inForce = await readRulesInForce(store);
    // Replaced after the check read its version: good for this check, but not to be kept under that version.
    if (inForce.version !== version) forget(version);
    if ('document' in inForce) return compileRules(inForce.document);
    onBroken?.(inForce.faults);
    return { broken: inForce.faults };
  }

  function forget(version: string): void {
    if (current?.version === version) current = undefined;
  }

  return {
    get(version) {
      if (version === undefined) return defaultRules;
      if (current?.version === version) return current.rules;
      const rules = load(version);
      current = { version, rules };
      rules.then(
        (loaded) => {
          if (current?.rules === rules) current = { version, rules: loaded };
        },
        () => forget(version),
      );
      return rules;
    },
  };
}
