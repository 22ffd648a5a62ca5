import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import t from 'tap';

const scripts = globSync('redis/scripts/*.lua');
const sources = globSync('services/core/**/*.ts').map((file) => readFileSync(file, 'utf8'));

t.test('each script has a header that its body keeps to', async (t) => {
  t.ok(scripts.length >= 8, 'the scripts are found');

  for (const file of scripts) {
    const lines = readFileSync(file, 'utf8').split('\n');
    const header = lines.filter((line) => line.startsWith('--')).join('\n');
    const body = lines.filter((line) => !line.startsWith('--')).join('\n');

    t.same(indexes(header, 'KEYS'), indexes(body, 'KEYS'), `${file}: KEYS`);
    t.same(indexes(header, 'ARGV'), indexes(body, 'ARGV'), `${file}: ARGV`);
    t.match(header, /^-- Outcomes: /m, `${file}: outcomes`);
    for (const word of outcomeWords(body))
      t.match(header, `'${word}'`, `${file}: outcome ${word} is described`);
  }
});

t.test('each script is called by the core and no key is built inside one', async (t) => {
  for (const file of scripts) {
    const name = basename(file, '.lua');
    t.ok(
      sources.some((source) => source.includes(`'${name}'`)),
      `${name} is called`,
    );
    t.notMatch(readFileSync(file, 'utf8'), /['"]bn:/, `${name} builds no key`);
  }
});

/** The fixed indexes that a text names: KEYS[2], ARGV[3], and `KEYS[5..]` in a header as 5. */
function indexes(text: string, array: 'KEYS' | 'ARGV'): number[] {
  const fixed = [...text.matchAll(new RegExp(`${array}\\[(\\d+)\\]`, 'g'))].map((match) => Number(match[1]));
  return [...new Set(fixed)].sort((a, b) => a - b);
}

/** The words that a script answers with: the strings at the start of what it returns. */
function outcomeWords(body: string): string[] {
  return [...body.matchAll(/return \{?'([a-z-]+)'(?:, '([a-z-]+)')?/g)].flatMap((match) =>
    [match[1], match[2]].filter((word) => word !== undefined),
  );
}
