import fc from 'fast-check';
import t from 'tap';
import {
  filterCoveredByUnion,
  filterCovers,
  filtersOverlap,
  isTopicFilter,
  isTopicName,
  topicMatches,
} from '../../services/core/acl/topic-filter.ts';

const longest = 'x'.repeat(65_535);
const longestInTwoByteCharacters = `${'é'.repeat(32_767)}x`;
const neither = ['', 'a\0b', '\ud800', `${longest}x`, `${longestInTwoByteCharacters}x`];

t.test('a topic name has no wildcard, no NUL, is not empty and holds at most 65,535 bytes', async (t) => {
  const names = [
    'a',
    '/',
    '//',
    'a/',
    '/a',
    'a b',
    'ü/😀',
    '$SYS/x',
    '%u',
    'a//b',
    longest,
    longestInTwoByteCharacters,
  ];
  const others = [...neither, '+', '#', 'a/+', 'a/#', 'a+', 'a#b'];

  for (const text of names) t.equal(isTopicName(text), true, show(text));
  for (const text of others) t.equal(isTopicName(text), false, show(text));
});

t.test('a topic filter may hold + as a whole level and # as the whole last level', async (t) => {
  const filters = [
    'a',
    '/',
    '#',
    '+',
    '+/+',
    '/+',
    '+/',
    'a/#',
    '/#',
    'a/+/#',
    '+/#',
    '$SYS/#',
    '$x',
    longest,
  ];
  const others = [
    ...neither,
    '#/',
    '#/a',
    'a/#/b',
    'a#',
    'a/b#',
    '#a',
    '##',
    'a+',
    '+a',
    'a/+b/c',
    '++',
    'a/+#',
    '+#',
  ];

  for (const text of filters) t.equal(isTopicFilter(text), true, show(text));
  for (const text of others) t.equal(isTopicFilter(text), false, show(text));
});

t.test('what is a topic filter agrees with the grammar of the standard', async () => {
  const grammar = /^(?:#|(?!$)(?:\+|[^+#/\0]*)(?:\/(?:\+|[^+#/\0]*))*(?:\/#)?)$/;
  const text = fc.string({ unit: fc.constantFrom('a', '/', '+', '#', '$', '\0', '\n'), maxLength: 8 });

  fc.assert(
    fc.property(text, (text) => isTopicFilter(text) === grammar.test(text)),
    { numRuns: 5000 },
  );
});

t.test('a filter matches as the standard says', async (t) => {
  const rows: [filter: string, topic: string, matches: boolean][] = [
    ['sport/tennis/player1/#', 'sport/tennis/player1', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
    ['sport/tennis/player1/#', 'sport/tennis/player10', false],
    ['sport/#', 'sport', true],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['sport/tennis/+', 'sport/tennis/player1', true],
    ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
    ['+/+', '/finance', true],
    ['/+', '/finance', true],
    ['+', '/finance', false],
    ['#', '/', true],
    ['/#', '/', true],
    ['/#', 'a', false],
    ['a', 'A', false],
    ['a//b', 'a//b', true],
    ['a//b', 'a/b', false],
    ['a/+/b', 'a//b', true],
    ['a/', 'a', false],
    ['#', '$SYS/broker/load', false],
    ['+/monitor/Clients', '$SYS/monitor/Clients', false],
    ['+', '$SYS', false],
    ['$SYS/#', '$SYS/monitor/Clients', true],
    ['$SYS/#', '$SYS', true],
    ['$SYS/monitor/+', '$SYS/monitor/Clients', true],
    ['a/+', 'a/$SYS', true],
    ['a/#', 'a/$SYS', true],
  ];

  for (const [filter, topic, matches] of rows)
    t.equal(topicMatches(filter, topic), matches, `${filter} on ${topic}`);
});

t.test('a filter covers another if it matches all that the other matches', async (t) => {
  const rows: [wide: string, narrow: string, covers: boolean][] = [
    ['a/#', 'a/#', true],
    ['a/#', 'a', true],
    ['a/#', 'a/+/b', true],
    ['a/#', 'ab', false],
    ['a/#', '#', false],
    ['a/#', '+/b', false],
    ['#', 'a/b/#', true],
    ['+/#', '#', true],
    ['/+/#', '/#', true],
    ['a/+/#', 'a/#', false],
    ['a/+', 'a/b', true],
    ['a/b', 'a/+', false],
    ['+/+', 'a/#', false],
    ['#', '$SYS/#', false],
    ['#', '$SYS', false],
    ['+/x', '$SYS/x', false],
    ['$SYS/#', '$SYS/x', true],
    ['#', '+/$SYS', true],
  ];

  for (const [wide, narrow, covers] of rows)
    t.equal(filterCovers(wide, narrow), covers, `${wide} over ${narrow}`);
});

t.test('filters overlap if some topic name is matched by both', async (t) => {
  const rows: [a: string, b: string, overlap: boolean][] = [
    ['a/+', '+/b', true],
    ['a/+', 'b/+', false],
    ['a/#', 'a', true],
    ['a/#', '+', true],
    ['a/#', 'a/b/c/#', true],
    ['a/#', 'b/#', false],
    ['a/b', 'a/b/c', false],
    ['+/#', 'a', true],
    ['/#', '+', false],
    ['/#', '+/+', true],
    ['#', '$SYS/#', false],
    ['+/x', '$SYS/x', false],
    ['$SYS/+', '$SYS/x/#', true],
  ];

  for (const [a, b, overlap] of rows) {
    t.equal(filtersOverlap(a, b), overlap, `${a} and ${b}`);
    t.equal(filtersOverlap(b, a), overlap, `${b} and ${a}`);
  }
});

t.test('filters together cover what none of them covers alone', async (t) => {
  const rows: [asked: string, filters: string[], covered: boolean][] = [
    ['a/#', ['a', 'a/+/#'], true],
    ['a/#', ['a/+/#'], false],
    ['a/#', ['a', 'a/+', 'a/+/+', 'a/+/+/+/#'], true],
    ['a/#', ['a', 'a/+/+', 'a/+/+/+/#'], false],
    ['a/#', ['a', 'a/+', 'a/+/+'], false],
    ['#', ['+', '+/+/#'], true],
    ['#', ['/#', '+', '$SYS/#'], false],
    ['a/+', ['a/b', 'a/c', 'a/d'], false],
    ['+', ['a', '+'], true],
    ['$SYS/#', ['#', '$SYS'], false],
    ['$SYS/#', ['$SYS', '$SYS/+/#'], true],
    ['a', [], false],
  ];

  for (const [asked, filters, covered] of rows)
    t.equal(filterCoveredByUnion(asked, filters), covered, `${filters.join(' ')} over ${asked}`);
});

t.test('the algebra takes well-formed names and filters only', async (t) => {
  t.throws(() => topicMatches('a/+', 'a/+'), { name: 'TypeError', message: 'not a topic name' });
  t.throws(() => topicMatches('a#', 'a'), { name: 'TypeError', message: 'not a topic filter' });
  t.throws(() => filterCovers('a#', 'a'), { name: 'TypeError', message: 'not a topic filter' });
  t.throws(() => filtersOverlap('a', ''), { name: 'TypeError', message: 'not a topic filter' });
  t.equal(topicMatches('a/+', 'a/b'), true);
});

function show(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}… (${text.length})` : text);
}
