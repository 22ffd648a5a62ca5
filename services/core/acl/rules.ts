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

/** What everybody who holds a role may do. */
export interface Role {
  /** What the APIs ask for: `resource.action`, `resource.*` or `*`. */
  readonly permissions: readonly string[];
  /** `required`: whoever holds the role must have a second factor. */
  readonly secondFactor?: 'required';
  readonly rules: readonly Rule[];
}

/** All rules, by who they are about. `accounts` by username (letter case ignored), `devices` by device id. */
export interface RulesDocument {
  readonly version: string;
  readonly roles: Readonly<Record<string, Role>>;
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

/** A role ready for decisions. */
export interface CompiledRole {
  readonly permissions: readonly string[];
  readonly isSecondFactorRequired: boolean;
  readonly rules: readonly CompiledRule[];
}

/** A document ready for decisions. Maps, so that no name (`__proto__`) finds what no document holds. */
export interface CompiledRules {
  readonly version: string;
  readonly roles: ReadonlyMap<string, CompiledRole>;
  readonly accounts: ReadonlyMap<string, readonly CompiledRule[]>;
  readonly devices: ReadonlyMap<string, readonly CompiledRule[]>;
}

/** Rules that can't be used, and why; they allow nothing. */
export interface BrokenRules {
  readonly broken: readonly string[];
}

/**
 * The rules before anybody has written any: each account and each device has the topics below its own name, and an
 * admin may do everything that the APIs offer.
 */
export const defaultRulesDocument: RulesDocument = {
  version: '0',
  roles: {
    user: { permissions: [], rules: [{ effect: 'allow', access: accesses, filter: 'users/%u/#' }] },
    device: { permissions: [], rules: [{ effect: 'allow', access: accesses, filter: 'devices/%d/#' }] },
    admin: { permissions: ['*'], rules: [] },
  },
};

/** Compiles a document that checkRulesDocument has passed; throws TypeError on a filter that it would not pass. */
export function compileRules(document: RulesDocument): CompiledRules {
  return {
    version: document.version,
    roles: new Map(Object.entries(document.roles).map(([name, role]) => [name, compileRole(name, role)])),
    accounts: new Map(
      Object.entries(document.accounts ?? {}).map(([name, rules]) => [
        name.toLowerCase(),
        compileList('account', name, rules),
      ]),
    ),
    devices: new Map(
      Object.entries(document.devices ?? {}).map(([name, rules]) => [
        name,
        compileList('device', name, rules),
      ]),
    ),
  };
}

function compileRole(name: string, { permissions, secondFactor, rules }: Role): CompiledRole {
  return {
    permissions,
    isSecondFactorRequired: secondFactor === 'required',
    rules: compileList('role', name, rules),
  };
}

function compileList(holder: RuleRef['holder'], name: string, rules: readonly Rule[]): CompiledRule[] {
  return rules.map(({ effect, access, filter }, index) => ({
    effect,
    access,
    template: compileTemplate(filter),
    ref: { holder, name, index, filter },
  }));
}
