import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { decideAcl } from '../../services/core/acl/decide-acl.ts';
import type { Subject } from '../../services/core/acl/decide-acl.ts';
import { compileRules } from '../../services/core/acl/rules.ts';
import type { Access, Rule } from '../../services/core/acl/rules.ts';
import {
  filterCoveredByUnion,
  filterCovers,
  filtersOverlap,
  topicMatches,
} from '../../services/core/acl/topic-filter.ts';

/*
 * The model: a filter is the set of topics that it matches, out of all topics of up to five levels made of five
 * strings, one of which no filter names. Filters have at most four levels, so that a fifth one shows their open end.
 */
const named = ['a', 'b', '', '$x'];
const topics = sequences([...named, 'fresh'], 5)
  .map((levels) => levels.join('/'))
  .filter((topic) => topic !== '');
const topicsWithLevels = topics.map((topic) => topic.split('/'));
const cachedSets = new Map<string, Uint8Array>();

const shortFilters = [
  ...sequences([...named, '+'], 3).map((levels) => levels.join('/')),
  ...[[], ...sequences([...named, '+'], 2)].map((levels) => [...levels, '#'].join('/')),
].filter((filter) => filter !== '');

t.test('matching agrees with the model for every filter of three levels', async (t) => {
  const wrong = shortFilters.flatMap((filter) =>
    topics.filter((topic, index) => topicMatches(filter, topic) !== (topicSet(filter)[index] === 1)),
  );

  t.strictSame(wrong, []);
});

t.test('covering and overlapping agree with the model for every two filters of three levels', async (t) => {
  const pairs = shortFilters.flatMap((a) => shortFilters.map((b) => [a, b] as const));

  t.strictSame(
    pairs.filter(([a, b]) => filterCovers(a, b) !== modelCovers(b, [a])),
    [],
  );
  t.strictSame(
    pairs.filter(([a, b]) => filtersOverlap(a, b) !== modelOverlaps(a, b)),
    [],
  );
});

t.test('covering by several filters agrees with the model', async (t) => {
  const seen = { coveredByOne: 0, coveredTogether: 0, notCovered: 0 };
  const asked = filterOf([...named, '+', '+'], true);
  const filters = fc.array(filterOf([...named, '+', '+', '+'], true), { maxLength: 8 });

  fc.assert(
    fc.property(asked, filters, fc.boolean(), (asked, others, cut) => {
      const filters = [...others, ...(cut ? cutInPieces(asked) : [])];
      const covered = modelCovers(asked, filters);
      const coveredByOne = filters.some((filter) => modelCovers(asked, [filter]));
      seen[coveredByOne ? 'coveredByOne' : covered ? 'coveredTogether' : 'notCovered'] += 1;
      return filterCoveredByUnion(asked, filters) === covered;
    }),
    { numRuns: 5000 },
  );

  t.ok(Math.min(...Object.values(seen)) > 100, `each outcome was met: ${JSON.stringify(seen)}`);
});

t.test('decisions agree with the model', async (t) => {
  const seen = new Map<string, number>();
  const subject = fc.record({
    username: fc.constantFrom('a', 'b', 'b', '$x', '#', ''),
    clientId: fc.constantFrom('a', 'b', 'b', 'a/b'),
    deviceId: fc.constantFrom(undefined, 'a', '+'),
    roles: fc.subarray(['r', 's', 'unknown']),
  });
  const rules = fc.array(arbitraryRule(), { maxLength: 5 });
  const access = fc.constantFrom<Access>('read', 'write', 'subscribe', 'subscribe', 'subscribe');
  const topic = fc.oneof(
    { weight: 4, arbitrary: filterOf([...named, '+'], true) },
    { weight: 4, arbitrary: filterOf([...named, 'fresh'], false) },
    { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom('/', '+', '#', '\0'), maxLength: 4 }) },
  );

  fc.assert(
    fc.property(subject, rules, rules, rules, access, topic, (subject, own, ofR, ofS, access, topic) => {
      const { username, deviceId } = subject;
      const lists: Record<string, Rule[]> = { r: ofR, s: ofS };
      const compiled = compileRules({
        version: '1',
        roles: { r: { permissions: [], rules: ofR }, s: { permissions: [], rules: ofS } },
        accounts: deviceId === undefined ? { [username]: own } : {},
        devices: deviceId === undefined ? {} : { [deviceId]: own },
      });
      const inForce = [...own, ...subject.roles.flatMap((role) => lists[role] ?? [])];

      const decision = decideAcl(compiled, subject, { access, topic });

      const outcome = decision.granted ? 'granted' : decision.reason;
      const told = decision.rule && (decision.rule.holder === 'role' ? lists[decision.rule.name] : own);
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      assert.equal(outcome, modelDecision(inForce, subject, access, topic));
      assert.ok(explains(outcome, told?.[decision.rule?.index ?? 0], subject, access, topic));
    }),
    { numRuns: 5000 },
  );

  const reasons = [
    'denied-by-rule',
    'no-rule-allows',
    'filter-not-covered',
    'topic-malformed',
    'filter-malformed',
  ];
  for (const outcome of ['granted', ...reasons])
    t.ok((seen.get(outcome) ?? 0) > 20, `${outcome} was met: ${seen.get(outcome)}`);
});

function arbitraryRule(): fc.Arbitrary<Rule> {
  return fc.record({
    effect: fc.constantFrom('allow', 'allow', 'allow', 'deny'),
    access: fc.subarray(['read', 'write', 'subscribe'] as Access[], { minLength: 1 }),
    filter: filterOf([...named, '+', '+', '+', '%u', '%c', '%d'], true),
  });
}

/** Filters of one to four levels; with `open`, half of them end in `#`. */
function filterOf(levels: string[], open: boolean): fc.Arbitrary<string> {
  const some = fc.array(fc.constantFrom(...levels), { minLength: 1, maxLength: 4 });
  const text = fc.tuple(some, open ? fc.boolean() : fc.constant(false)).map(([levels, isOpen]) => {
    return isOpen ? [...levels.slice(1), '#'].join('/') : levels.join('/');
  });
  return text.filter((filter) => filter !== '');
}

/** Filters that cover an open-ended one together: itself without its end, one level more, and the open rest. */
function cutInPieces(filter: string): string[] {
  if (!filter.endsWith('/#') || filter.split('/').length > 3) return [filter];
  const stem = filter.slice(0, -2);
  return [stem, `${stem}/+/#`].filter((piece) => piece !== '');
}

function modelDecision(rules: readonly Rule[], subject: Subject, access: Access, topic: string): string {
  const isSubscribe = access === 'subscribe';
  if (isSubscribe ? !isModelFilter(topic) : !isModelFilter(topic) || /[+#]/.test(topic))
    return isSubscribe ? 'filter-malformed' : 'topic-malformed';
  const about = rules.filter((rule) => rule.access.includes(access));
  const allowed = about
    .filter(({ effect }) => effect === 'allow')
    .flatMap((rule) => modelSubstitute(rule, subject));
  const denied = about
    .filter(({ effect }) => effect === 'deny')
    .flatMap((rule) => modelSubstitute(rule, subject));
  if (denied.some((filter) => filter === 'everything' || modelOverlaps(filter, topic)))
    return 'denied-by-rule';
  if (modelCovers(topic, allowed)) return 'granted';
  return allowed.some((filter) => modelOverlaps(filter, topic)) ? 'filter-not-covered' : 'no-rule-allows';
}

/** The filter that a rule has for a subject, none if it has none, or `everything`. */
function modelSubstitute({ effect, filter }: Rule, { username, clientId, deviceId }: Subject): string[] {
  const values = { '%u': username, '%c': clientId, '%d': deviceId };
  const used = Object.entries(values).filter(([placeholder]) => filter.includes(placeholder));
  const isHostile = used.some(
    ([, value]) => value !== undefined && ['$x', '#', '+', 'a/b', ''].includes(value),
  );
  if (isHostile) return effect === 'deny' ? ['everything'] : [];
  if (used.some(([, value]) => value === undefined)) return [];
  return [used.reduce((text, [placeholder, value]) => text.replaceAll(placeholder, value ?? ''), filter)];
}

/** Whether a rule is one that can be behind an outcome; no rule is, if none is behind it. */
function explains(
  outcome: string,
  rule: Rule | undefined,
  subject: Subject,
  access: Access,
  topic: string,
): boolean {
  const isByRule = ['granted', 'denied-by-rule', 'filter-not-covered'].includes(outcome);
  if (rule === undefined || !isByRule) return rule === undefined && !isByRule;
  const hasEffect =
    (rule.effect === 'deny') === (outcome === 'denied-by-rule') && rule.access.includes(access);
  const isAbout = (filter: string) => filter === 'everything' || modelOverlaps(filter, topic);
  return hasEffect && modelSubstitute(rule, subject).some(isAbout);
}

function isModelFilter(text: string): boolean {
  return text !== '' && !text.includes('\0') && /^([^+#/]*|\+)(\/([^+#/]*|\+))*(\/#)?$|^#$/.test(text);
}

function modelCovers(asked: string, filters: readonly string[]): boolean {
  const sets = filters.map(topicSet);
  return topicSet(asked).every((isMatched, index) => isMatched === 0 || sets.some((set) => set[index] === 1));
}

function modelOverlaps(a: string, b: string): boolean {
  const setOfB = topicSet(b);
  return topicSet(a).some((isMatched, index) => isMatched === 1 && setOfB[index] === 1);
}

/** Per topic of the model 1 if the filter matches it, read off the standard word by word. */
function topicSet(filter: string): Uint8Array {
  const known = cachedSets.get(filter);
  if (known !== undefined) return known;
  const levels = filter.split('/');
  const set = Uint8Array.from(topicsWithLevels, (topic) => (modelMatches(levels, topic) ? 1 : 0));
  cachedSets.set(filter, set);
  return set;
}

function modelMatches(filter: readonly string[], topic: readonly string[]): boolean {
  const startsWithWildcard = filter[0] === '+' || filter[0] === '#';
  return !(startsWithWildcard && topic[0]?.startsWith('$')) && levelsMatch(filter, topic);
}

function levelsMatch([first, ...rest]: readonly string[], topic: readonly string[]): boolean {
  if (first === undefined) return topic.length === 0;
  if (first === '#') return true;
  return topic.length > 0 && (first === '+' || first === topic[0]) && levelsMatch(rest, topic.slice(1));
}

/** All sequences of one to `longest` strings. */
function sequences(strings: readonly string[], longest: number): string[][] {
  if (longest === 0) return [];
  const shorter = [[], ...sequences(strings, longest - 1)];
  return strings.flatMap((string) => shorter.map((sequence) => [string, ...sequence]));
}
