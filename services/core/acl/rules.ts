import { compileTemplate } from './filter-template.ts';
import type { FilterTemplate } from './filter-template.ts';

/** What a check asks for: delivery of a message (read), publishing (write), or a subscription. */
export const accesses = ['read', 'write', 'subscribe'] as const;
export type Access = (typeof accesses)[number];

export const effects = ['allow', 'deny'] as const;
export type Effect = (typeof effects)[number];

/** One line of a list of rules. `filter` is a topic filter with `%u`, `%c`, `%d` and `%%`. */
export interface Rule {
  readonly effect: Effect;
  readonly access: readonly Access[];
  readonly filter: string;
}

/** All rules, by who they are about. `accounts` by username (letter case ignored), `devices` by device id. */
export interface RulesDocument {
  readonly version: string;
  readonly roles: Readonly<Record<string, readonly Rule[]>>;
  readonly accounts?: Readonly<Record<string, readonly Rule[]>>;
  readonly devices?: Readonly<Record<string, readonly Rule[]>>;
}

/** Where a rule stands in its document, with its filter as written there. */
export interface RuleRef {
  readonly holder: 'role' | 'account' | 'device';
  readonly name: string;
  readonly index: number;
  readonly filter: string;
}

/** A rule ready for substitution. */
export interface CompiledRule {
  readonly effect: Effect;
  readonly access: readonly Access[];
  readonly template: FilterTemplate;
  readonly ref: RuleRef;
}

/** A document ready for decisions. Maps, so that no name (`__proto__`) finds what no document holds. */
export interface CompiledRules {
  readonly version: string;
  readonly roles: ReadonlyMap<string, readonly CompiledRule[]>;
  readonly accounts: ReadonlyMap<string, readonly CompiledRule[]>;
  readonly devices: ReadonlyMap<string, readonly CompiledRule[]>;
}

/** The rules before anybody has written any: each account has the topics below `users/<username>`. */
export const defaultRulesDocument: RulesDocument = {
  version: '0',
  roles: { user: [{ effect: 'allow', access: accesses, filter: 'users/%u/#' }] },
};

/** Compiles a document that checkRulesDocument has passed; throws TypeError on a filter that it would not pass. */
export function compileRules(document: RulesDocument): CompiledRules {
  return {
    version: document.version,
    roles: compileHolders('role', document.roles),
    accounts: new Map(
      [...compileHolders('account', document.accounts)].map(([name, rules]) => [name.toLowerCase(), rules]),
    ),
    devices: compileHolders('device', document.devices),
  };
}

function compileHolders(
  holder: RuleRef['holder'],
  lists: RulesDocument['roles'] = {},
): Map<string, readonly CompiledRule[]> {
  return new Map(
    Object.entries(lists).map(([name, rules]) => [
      name,
      rules.map(({ effect, access, filter }, index) => ({
        effect,
        access,
        template: compileTemplate(filter),
        ref: { holder, name, index, filter },
      })),
    ]),
  );
}
