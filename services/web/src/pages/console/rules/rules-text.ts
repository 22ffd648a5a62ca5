import type { Document, LineCounter } from 'yaml';

/** Rules as the admin API has them. */
export interface RulesDocument {
  version: string;
  roles: Record<string, Role>;
  accounts?: Record<string, Rule[]>;
  devices?: Record<string, Rule[]>;
}

interface Role {
  permissions: string[];
  secondFactor?: string;
  rules: Rule[];
}

interface Rule {
  effect: 'allow' | 'deny';
  access: string[];
  filter: string;
}

/** What is wrong with a text, and where. Lines count from 1. */
export interface TextFault {
  line: number;
  text: string;
}

/** What a text stands for, or what keeps it from standing for anything. */
export type ReadText = { value: object; lineOf: (fault: string) => number } | { faults: TextFault[] };

const needsEscapes = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;
/** What YAML would leave as it is in quotes, though nobody sees it. */
const unseen = /[\p{Bidi_Control}\u2028\u2029]/gu;

/** A document as YAML in the short form of docs/rules.md. The version is kept beside the text. */
export async function writeRules({ roles, accounts, devices }: RulesDocument): Promise<string> {
  const { Document: YamlDocument, isMap, visit, Scalar } = await import('yaml');
  const value = {
    roles: mapValues(roles, toShortRole),
    ...(accounts && { accounts: mapValues(accounts, toShortRules) }),
    ...(devices && { devices: mapValues(devices, toShortRules) }),
  };
  const document = new YamlDocument(value, { aliasDuplicateObjects: false });
  visit(document, {
    Seq: (_key, list) => {
      if (!list.items.some(isMap)) list.flow = true; // [read, write]
    },
    Scalar: (_key, scalar) => {
      if (needsEscapes.test(String(scalar.value))) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false });
  return text.replaceAll(unseen, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Reads YAML 1.2, of which JSON is a part. The server decides whether the value is a document of rules. */
export async function readRules(text: string): Promise<ReadText> {
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const faults = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    line: lines.linePos(pos[0]).line,
    text: message,
  }));
  yaml.visit(document, {
    Alias: (_key, alias) => {
      faults.push({ line: lines.linePos(alias.range?.[0] ?? 0).line, text: `*${alias.source}` });
    },
  });
  if (faults.length > 0) return { faults };
  const value: unknown = document.toJS();
  if (typeof value !== 'object' || value === null) return { faults: [{ line: 1, text: 'roles: …' }] };
  return { value, lineOf: (fault) => lineOf(document, lines, pathIn(fault)) };
}

/** The line where a path is written, or the nearest part around it. */
function lineOf(document: Document, lines: LineCounter, path: (string | number)[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as
      { range?: [number, ...unknown[]] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

const segment = /\.?([A-Za-z0-9_-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** The path that a fault of the server begins with: `roles.user.rules[2].filter is not a topic filter`. */
function pathIn(fault: string): (string | number)[] {
  const path: (string | number)[] = [];
  segment.lastIndex = 0;
  for (let found = segment.exec(fault); found; found = segment.exec(fault)) {
    const [, name, index, quoted] = found;
    path.push(name ?? (index === undefined ? String(JSON.parse(quoted ?? '""')) : Number(index)));
  }
  return path;
}

function toShortRole({ permissions, secondFactor, rules }: Role): object {
  return {
    ...(permissions.length > 0 && { permissions }),
    ...(secondFactor && { secondFactor }),
    rules: toShortRules(rules),
  };
}

function toShortRules(rules: readonly Rule[]): object[] {
  return rules.map(({ effect, access, filter }) => ({ [effect]: access, filter }));
}

function mapValues<From, To>(members: Readonly<Record<string, From>>, change: (from: From) => To) {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]));
}
