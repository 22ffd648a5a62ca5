/** What is wrong with a document, and where in it. */
export interface RulesFault {
  /** For instance `roles.user.rules[2].filter`; empty for the document as a whole. */
  readonly path: string;
  /** Goes on after the path: `is not a topic filter`. */
  readonly sentence: string;
}

const plainName = /^[A-Za-z0-9_-]+$/;

/** The path of a member: `roles.user`, or `accounts["a.b"]` where the name isn't plain. */
export function memberPath(path: string, name: string): string {
  if (!plainName.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

/** The path of an item of a list. */
export function itemPath(path: string, index: number): string {
  return `${path}[${index}]`;
}

/** A fault in one sentence. */
export function describeFault({ path, sentence }: RulesFault): string {
  return `${path === '' ? 'the document' : path} ${sentence}`;
}

/** Tells of members that nobody knows. */
export function tellUnknownMembers(
  path: string,
  value: object,
  known: readonly string[],
  faults: RulesFault[],
): void {
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    faults.push({ path: memberPath(path, name), sentence: `is not one of ${known.join(', ')}` });
  }
}

/** Says that a value is no text, and what to do about the words that YAML takes for something else. */
export function notText(value: unknown): string {
  const isPlainWord = value === null || ['number', 'boolean'].includes(typeof value);
  return isPlainWord ? `is ${JSON.stringify(value)} and not a string: put it in quotes` : 'is not a string';
}

/** Whether a value is an object with members, not a list. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
