import type { Role, Rule, RulesDocument } from '../acl/rules.ts';

/** A document as YAML in the short form, as people write it; parseRulesFile reads it back. */
export async function formatRulesFile({ version, roles, accounts, devices }: RulesDocument): Promise<string> {
  const { Document, isMap, visit, Scalar } = await import('yaml');
  const value = {
    version,
    roles: mapMembers(roles, toShortRole),
    ...(accounts && { accounts: mapMembers(accounts, toShortRules) }),
    ...(devices && { devices: mapMembers(devices, toShortRules) }),
  };
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Seq: (_key, list) => {
      if (!list.items.some(isMap)) list.flow = true; // [read, write]
    },
    Scalar: (_key, scalar) => {
      if (needsEscapes.test(String(scalar.value))) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({
    lineWidth: 0,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    flowCollectionPadding: false,
  });
}

/** Characters that act on a terminal: whoever prints the text can then replace them by the escapes that YAML has too. */
const needsEscapes = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

type ShortRule = { filter: string } & Partial<Record<Rule['effect'], readonly string[]>>;

function toShortRole({ permissions, secondFactor, rules }: Role): object {
  return {
    ...(permissions.length > 0 && { permissions }),
    ...(secondFactor && { secondFactor }),
    rules: toShortRules(rules),
  };
}

function toShortRules(rules: readonly Rule[]): ShortRule[] {
  return rules.map(({ effect, access, filter }) => ({ [effect]: access, filter }));
}

function mapMembers<From, To>(members: Readonly<Record<string, From>>, change: (from: From) => To) {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]));
}
