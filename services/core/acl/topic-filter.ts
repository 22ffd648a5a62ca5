/**
 * Topic names, topic filters and what filters have to do with one another (MQTT 5.0 s. 4.7).
 *
 * Everything here is linear in the number of levels. Union coverage needs no search, for this reason: a filter is
 * finite and the strings of a level are not, so for each number of levels there is a topic whose free levels hold a
 * string that no filter names. Whichever filter matches that topic is free wherever the asked one is, and therefore
 * covers all topics of that many levels by itself. So it is enough to ask, level count by level count, for one filter.
 */

const longestTopicBytes = 65535; // [MQTT-4.7.3-3]
const mostBytesPerUnit = 3;
const dollar = 0x24;
const slashCode = 0x2f;

/**
 * A topic filter taken apart. `levels` are literal or `+`; an open end stands for zero or more levels after them.
 * `#` becomes `+` and `/#` becomes `/` `+`, each with an open end: no topic name has no level or is empty [MQTT-4.7.3-1].
 */
export interface TopicFilter {
  readonly levels: readonly string[];
  readonly openEnded: boolean;
}

/** Says whether a string can be published to: not empty, no wildcard, no NUL, well-formed, at most 65,535 bytes. */
export function isTopicName(text: string): boolean {
  return isTopicText(text) && !text.includes('+') && !text.includes('#');
}

/** Says whether a string can be subscribed to: `#` only as the last level, `+` only as a level [MQTT-4.7.1-1, -2]. */
export function isTopicFilter(text: string): boolean {
  if (!isTopicText(text)) return false;
  const levels = text.split('/');
  return levels.every((level, index) => isFilterLevel(level, index === levels.length - 1));
}

/** Takes a topic filter apart; throws TypeError if it is none. */
export function parseTopicFilter(text: string): TopicFilter {
  if (!isTopicFilter(text)) throw new TypeError('not a topic filter');
  const levels = text.split('/');
  if (levels.at(-1) !== '#') return { levels, openEnded: false };
  levels.pop();
  if (levels.length === 0 || (levels.length === 1 && levels[0] === '')) levels.push('+');
  return { levels, openEnded: true };
}

/** Says whether a filter matches a topic name; throws TypeError if either is malformed. */
export function topicMatches(filter: string, topic: string): boolean {
  if (!isTopicName(topic)) throw new TypeError('not a topic name');
  return matchesTopic(parseTopicFilter(filter), topic);
}

/** Says whether `a` matches every topic name that `b` matches; throws TypeError if either is malformed. */
export function filterCovers(a: string, b: string): boolean {
  return filterCoveredByUnion(b, [a]);
}

/** Says whether some topic name is matched by both filters; throws TypeError if either is malformed. */
export function filtersOverlap(a: string, b: string): boolean {
  return overlaps(parseTopicFilter(a), parseTopicFilter(b));
}

/** Says whether each topic name that `asked` matches is matched by one of `filters`; throws TypeError if any is malformed. */
export function filterCoveredByUnion(asked: string, filters: readonly string[]): boolean {
  return findCover(parseTopicFilter(asked), filters.map(parseTopicFilter)) !== undefined;
}

/** Says whether a filter matches a topic name that is known to be well-formed. Allocates nothing. */
export function matchesTopic({ levels, openEnded }: TopicFilter, topic: string): boolean {
  if (levels[0] === '+' && topic.charCodeAt(0) === dollar) return false; // [MQTT-4.7.2-1]
  let start = 0;
  for (const level of levels) {
    const end = findLevelEnd(level, topic, start);
    if (end === -1) return false;
    start = end + 1;
  }
  return openEnded || start > topic.length;
}

/** Says whether some topic name is matched by both filters. */
export function overlaps(a: TopicFilter, b: TopicFilter): boolean {
  const common = Math.min(a.levels.length, b.levels.length);
  if (a.levels.length > common && !b.openEnded) return false;
  if (b.levels.length > common && !a.openEnded) return false;
  for (let index = 0; index < common; index++) {
    if (!levelCovers(a, b, index) && !levelCovers(b, a, index)) return false;
  }
  return true;
}

/**
 * Finds what covers a filter: each topic name that `asked` matches is matched by one of `filters`.
 * Returns the one that covers it alone, else the open-ended one that the others complete, else undefined: not covered.
 */
export function findCover<F extends TopicFilter>(asked: TopicFilter, filters: readonly F[]): F | undefined {
  const askedCount = asked.levels.length;
  const coveredCounts = new Set<number>();
  let open: F | undefined;
  for (const filter of filters) {
    if (!levelsCover(filter, asked)) continue;
    const count = filter.levels.length;
    if (filter.openEnded ? count <= askedCount : count === askedCount && !asked.openEnded) return filter;
    if (!filter.openEnded) coveredCounts.add(count);
    else if (open === undefined || count < open.levels.length) open = filter;
  }
  if (open === undefined) return undefined;
  for (let count = askedCount; count < open.levels.length; count++) {
    if (!coveredCounts.has(count)) return undefined;
  }
  return open;
}

function isTopicText(text: string): boolean {
  if (text.length === 0 || text.length > longestTopicBytes) return false;
  if (text.includes('\0') || !text.isWellFormed()) return false; // [MQTT-4.7.3-2, MQTT-1.5.4-1]
  return text.length * mostBytesPerUnit <= longestTopicBytes || Buffer.byteLength(text) <= longestTopicBytes;
}

function isFilterLevel(level: string, isLast: boolean): boolean {
  if (level === '+') return true;
  if (level === '#') return isLast;
  return !level.includes('+') && !level.includes('#');
}

/** Where the topic's level that begins at `start` ends, or -1 if there is none or `level` does not match it. */
function findLevelEnd(level: string, topic: string, start: number): number {
  if (start > topic.length) return -1;
  if (level === '+') {
    const slash = topic.indexOf('/', start);
    return slash === -1 ? topic.length : slash;
  }
  const end = start + level.length;
  if (!topic.startsWith(level, start)) return -1;
  return end === topic.length || topic.charCodeAt(end) === slashCode ? end : -1;
}

/** Whether every level that `filter` spells out is at least as wide as that level of `asked`. Says nothing of the lengths. */
function levelsCover(filter: TopicFilter, asked: TopicFilter): boolean {
  for (let index = 0; index < filter.levels.length; index++) {
    if (!levelCovers(filter, asked, index)) return false;
  }
  return true;
}

/** Past the end of `asked` its level is undefined, any string at all, which only `+` covers. */
function levelCovers(filter: TopicFilter, asked: TopicFilter, index: number): boolean {
  const level = filter.levels[index];
  const askedLevel = asked.levels[index];
  if (level !== '+') return level === askedLevel;
  return index > 0 || askedLevel?.charCodeAt(0) !== dollar; // [MQTT-4.7.2-1]
}
