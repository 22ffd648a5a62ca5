import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';

/** How many lines each area of the threat list has. */
const areas = {
  ...{ P: 15, E: 10, B: 12, F: 13, S: 12, R: 17, J: 17, C: 9 },
  ...{ M: 7, A: 5, W: 11, Q: 16, L: 6, X: 6, O: 7 },
};

interface Line {
  id: string;
  source: string;
  demand: string;
  /** The tests that show it, by file. */
  tests: { file: string; titles: string[] }[];
  /** What is said beside them; alone, it is the reason why there is none. */
  remark: string;
}

const lines = readLines(readFileSync('tests/security-checklist.md', 'utf8'));

t.test('every id of the threat list is there once, in its order', async (t) => {
  const ids = Object.entries(areas).flatMap(([area, count]) =>
    Array.from({ length: count }, (_, index) => `${area}${index + 1}`),
  );

  t.same(
    lines.map(({ id }) => id),
    ids,
  );
});

t.test(
  'every line says what has to hold, where that is from, and what shows it or why nothing does',
  async (t) => {
    for (const { id, source, demand, tests, remark } of lines) {
      t.match(demand, /^[A-Za-z].{15,}\.$/, `${id}: what has to hold`);
      t.match(source, /^[A-Za-z].{5,}$/, `${id}: source`);
      t.ok(tests.length > 0 || /^[A-Z].{30,}\.$/.test(remark), `${id}: a test or a reason`);
    }
  },
);

t.test('every test that is named exists', async (t) => {
  for (const { id, tests } of lines) {
    for (const { file, titles } of tests) {
      if (!existsSync(file)) {
        t.fail(`${id}: there is no ${file}`);
        continue;
      }
      const there = titlesIn(readFileSync(file, 'utf8'));
      t.ok(titles.length > 0, `${id}: ${file} has titles`);
      for (const title of titles) t.ok(there.has(title), `${id}: ${file} has “${title}”`);
    }
  }
});

t.test('titles are read from a source as they stand there', async (t) => {
  const source = `
    t.test('plain', async (t) => {});
    await t.test(
      "it's broken over lines",
      async (t) => {});
    for (const row of rows) t.test(\`\${row.method} \${row.is ? 'a' : 'b'} works\`, () => {});
    const behaviours = { 'a behaviour': async (t) => {} };
    t.equal(1, 1, 'no title');`;

  t.same([...titlesIn(source)].sort(), ['${…} ${…} works', 'a behaviour', "it's broken over lines", 'plain']);
});

/** The rows of the tables. */
function readLines(text: string): Line[] {
  return [...text.matchAll(/^\| ([A-Z]\d+) \| (.*?) \| (.*?) \| (.*) \|$/gm)].map((row) => {
    const [, id = '', source = '', demand = '', shownBy = ''] = row;
    const cells = shownBy.split('<br>');
    return {
      ...{ id, source, demand },
      tests: cells.filter(isAboutTests).map(readTests),
      remark: cells.filter((cell) => !isAboutTests(cell)).join(' '),
    };
  });
}

function isAboutTests(cell: string): boolean {
  return /^`tests\/\S+`: “/.test(cell);
}

function readTests(cell: string): { file: string; titles: string[] } {
  const [, file = ''] = /^`(\S+)`/.exec(cell) ?? [];
  return { file, titles: [...cell.matchAll(/“([^”]*)”/g)].map((match) => match[1] ?? '') };
}

/** The titles of tests in a source, and the names of behaviours; what differs from row to row is `${…}`. */
function titlesIn(source: string): Set<string> {
  const titles = [
    ...source.matchAll(/\btest\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g),
    ...source.matchAll(/^.*?(['"])((?:\\.|(?!\1)[^\\])*)\1: async\b/gm),
  ];
  return new Set(titles.map(([, , title = '']) => title.replaceAll(/\$\{[^}]*\}/g, '${…}')));
}
