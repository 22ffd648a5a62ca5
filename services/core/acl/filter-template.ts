import { isSharePrefixed } from './shared-subscription.ts';
import { isTopicFilter, parseTopicFilter } from './topic-filter.ts';
import type { TopicFilter } from './topic-filter.ts';

/** Whom a rule is applied to: `%u`, `%c` and `%d`. Only a device has a device id. */
export interface PlaceholderValues {
  readonly username: string;
  readonly clientId: string;
  readonly deviceId?: string | undefined;
}

type Placeholder = keyof PlaceholderValues;
type Slot = { readonly placeholder: Placeholder };
type Part = string | Slot;

/** A rule's filter, taken apart once: a level with placeholders is a list of parts, another is as it will be. */
export interface FilterTemplate {
  readonly levels: readonly (string | readonly Part[])[];
  readonly openEnded: boolean;
  readonly placeholders: readonly Placeholder[];
  /** The filter itself, if it is the same for every subject. */
  readonly constant: TopicFilter | undefined;
}

/**
 * What a template becomes for one subject. `not-applicable`: it speaks of devices and the subject is none, so the rule
 * is not about it. `hostile-value`: a value that could change the filter's shape; an allow rule then allows nothing,
 * a deny rule denies every topic, because what it meant to protect can't be told.
 */
export type Substitution =
  { kind: 'filter'; filter: TopicFilter } | { kind: 'not-applicable' } | { kind: 'hostile-value' };

const placeholders = new Map<string, Placeholder>([
  ['%u', 'username'],
  ['%c', 'clientId'],
  ['%d', 'deviceId'],
]);
const percentPair = /(%.?)/su;

/** Finds what is wrong with a rule's filter, as a sentence; undefined if nothing is. */
export function findTemplateFault(text: string): string | undefined {
  if (!isTopicFilter(text)) return 'is not a topic filter';
  if (isSharePrefixed(text)) return 'begins with $share, which is taken off before rules are asked';
  const unknown = text.split(percentPair).find((piece) => piece.startsWith('%') && !isKnownPair(piece));
  if (unknown === undefined) return undefined;
  return `holds ${JSON.stringify(unknown)}, which is none of %u, %c, %d and %% (a plain percent sign)`;
}

/** Compiles a rule's filter; throws TypeError where findTemplateFault finds a fault. */
export function compileTemplate(text: string): FilterTemplate {
  const fault = findTemplateFault(text);
  if (fault !== undefined) throw new TypeError(`the filter ${fault}`);
  const { levels: rawLevels, openEnded } = parseTopicFilter(text);
  const levels = rawLevels.map(compileLevel);
  const used = levels.flatMap((level) => (typeof level === 'string' ? [] : level.filter(isSlot)));
  const constant = levels.every((level) => typeof level === 'string') ? { levels, openEnded } : undefined;
  return { levels, openEnded, placeholders: used.map(({ placeholder }) => placeholder), constant };
}

/** Puts a subject's values into a template. A template without placeholders costs nothing. */
export function substitute(template: FilterTemplate, values: PlaceholderValues): Substitution {
  if (template.constant !== undefined) return { kind: 'filter', filter: template.constant };
  let isApplicable = true;
  for (const placeholder of template.placeholders) {
    const value = values[placeholder];
    if (value === undefined) isApplicable = false;
    else if (!isHarmless(value)) return { kind: 'hostile-value' };
  }
  if (!isApplicable) return { kind: 'not-applicable' };
  const levels = template.levels.map((level) =>
    typeof level === 'string' ? level : fillLevel(level, values),
  );
  return { kind: 'filter', filter: { levels, openEnded: template.openEnded } };
}

function compileLevel(text: string): string | readonly Part[] {
  const parts = text.split(percentPair).map(compilePart);
  return parts.every((part) => typeof part === 'string') ? parts.join('') : parts;
}

function compilePart(piece: string): Part {
  if (piece === '%%') return '%';
  const placeholder = placeholders.get(piece);
  return placeholder === undefined ? piece : { placeholder };
}

function fillLevel(parts: readonly Part[], values: PlaceholderValues): string {
  let level = '';
  for (const part of parts) level += typeof part === 'string' ? part : values[part.placeholder];
  return level;
}

function isKnownPair(piece: string): boolean {
  return piece === '%%' || placeholders.has(piece);
}

function isSlot(part: Part): part is Slot {
  return typeof part !== 'string';
}

/** One level of a topic name, and never the `$` that would open the broker's own topics to a rule like `%c/#`. */
function isHarmless(value: string): boolean {
  return value.isWellFormed() && /^[^$/+#\0][^/+#\0]*$/u.test(value);
}
