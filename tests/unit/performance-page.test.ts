import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { conditions } from '../bench/conditions.ts';
import { sumUp, type Group } from '../bench/measurement.ts';
import { replaceBlocks, table } from '../bench/page/blocks.ts';
import { renderChart, type Chart } from '../bench/page/chart.ts';
import { chartsOf } from '../bench/page/charts.ts';
import { pageBlocks, readmeBlocks } from '../bench/page/page.ts';
import type { SavedReport } from '../bench/page/saved-report.ts';
import { isReached, targets } from '../bench/page/targets.ts';
import { names } from '../bench/systems/names.ts';

const systems = [...Object.values(names), 'bare Fastify'];

t.test('each place of the page and of the README is filled, and what stands beside it stays', async (t) => {
  for (const [file, blocks] of [
    ['docs/performance.md', pageBlocks(wholeReport())],
    ['README.md', readmeBlocks(wholeReport())],
  ] as const) {
    const text = readFileSync(file, 'utf8');
    const filled = replaceBlocks(text, blocks);

    t.equal(withoutBlocks(filled), withoutBlocks(text), file);
    for (const [name, block] of Object.entries(blocks)) t.ok(filled.includes(block), `${file}: ${name}`);
  }
});

t.test('a block without its place, a place without its block and an open place are named', async (t) => {
  const place = '<!-- bench:a -->\nold\n<!-- /bench:a -->';

  t.equal(
    replaceBlocks(`x\n${place}\ny`, { a: 'new $& $1' }),
    'x\n<!-- bench:a -->\n\nnew $& $1\n\n<!-- /bench:a -->\ny',
  );
  t.throws(() => replaceBlocks(place, { a: '', b: '' }), { message: 'there is no place for bench:b' });
  t.throws(() => replaceBlocks(place, {}), { message: 'nothing is known for bench:a' });
  t.throws(() => replaceBlocks('<!-- bench:a -->\n<!-- /bench:b -->', { a: '' }), {
    message: 'bench:a is closed by b',
  });
});

t.test('a bar in a cell ends no cell', async (t) => {
  t.equal(table(['a', 'b'], [['x|y', '1']]), '| a | b |\n| --- | ---: |\n| x\\|y | 1 |');
});

t.test('every target finds what it is about in a whole run', async (t) => {
  for (const { what, reach } of targets) t.type(reach(wholeReport()), 'number', what);
});

t.test('a target that is missed by little is missed', async (t) => {
  t.equal(isReached({ goal: { least: 0.97 } }, 0.97), true);
  t.equal(isReached({ goal: { least: 0.97 } }, 0.9699), false);
  t.equal(isReached({ goal: { most: 5 } }, 5), true);
  t.equal(isReached({ goal: { most: 5 } }, 5.01), false);

  const blocks = pageBlocks(wholeReport());
  t.match(blocks['targets'], /\*\*no\*\*/);
  t.match(blocks['targets'], /\| yes \|/);
});

t.test('a run with few rows makes a page with dashes, and invents nothing', async (t) => {
  const report = { ...wholeReport(), groups: [] };

  const text = Object.values({ ...pageBlocks(report), ...readmeBlocks(report) }).join('\n');
  t.notMatch(text, /NaN|undefined|null|Infinity/);
  t.notMatch(text, /\*\*no\*\*|\| yes \|/, 'no verdict without a value');
  for (const chart of Object.values(chartsOf(report))) t.notMatch(renderChart(chart), /NaN|Infinity/);
});

t.test('numbers that JSON can not hold are dashes', async (t) => {
  const report = JSON.parse(JSON.stringify(wholeReport(Number.NaN))) as SavedReport;

  t.notMatch(Object.values(pageBlocks(report)).join('\n'), /NaN|undefined|null\b/);
});

t.test('each failure is named, and a run without any says so', async (t) => {
  t.equal(pageBlocks(wholeReport())['errors'], 'No operation failed in this run.');

  const report = wholeReport();
  const [group] = report.groups;
  Object.assign(group?.results[0] ?? {}, { errors: { 'CONNECT refused': 3 } });
  report.faults.push('redis was ended by SIGKILL');
  t.match(pageBlocks(report)['errors'], /^- .*, no auth: 3 × CONNECT refused\n- redis was ended by SIGKILL$/);
});

t.test('a chart has a mark for each value, inside the picture, whatever the values', async (t) => {
  const value = fc.option(fc.double({ noNaN: true, min: 1e-6, max: 1e6 }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 9 }), async (rows) => {
      const svg = renderChart(chartOf(rows));

      const drawn = rows.flat().filter((one) => one !== null).length;
      t.equal(xPlaces(svg).length, drawn, 'a mark each');
      t.ok(xPlaces(svg).every((x) => x >= 250 && x <= 830));
      assertBalanced(svg);
    }),
    { numRuns: 50 },
  );
});

t.test('a chart draws no zero, and no name can end its text', async (t) => {
  const svg = renderChart({ ...chartOf([[0, -1]]), title: '</text><script>"&' });

  t.same(xPlaces(svg), []);
  t.notMatch(svg, /<script/);
  assertBalanced(svg);
});

t.test('a system looks the same in every chart', async (t) => {
  const series = Object.values(chartsOf(wholeReport())).flatMap((chart) => chart.series);
  const styles = new Map(series.map(({ name, style }) => [name, style]));

  t.ok(series.every(({ name, style }) => styles.get(name) === style));
  t.equal(new Set(styles.values()).size, styles.size, 'and like no other');
});

t.test('a larger value stands further right', async (t) => {
  const [small = 0, large = 0] = xPlaces(renderChart(chartOf([[0.02, 0.9]])));

  t.ok(small < large);
});

/** Every system under every condition, with the same numbers. */
function wholeReport(perSecond = 100): SavedReport {
  const all = [
    ...[1, 20].flatMap((window) => [0, 5, 50, 500].map((count) => conditions.publish(window, count))),
    ...[1, 16].map(conditions.check),
    ...Object.values(conditions).filter((condition) => typeof condition === 'string'),
  ];
  return {
    startedAt: '2026-01-02T03:04:05.678Z',
    seconds: 600,
    settings: { rounds: 5, warmUpMs: 1, durationMs: 2, maxCount: 3 },
    machine: { node: 'v24', cores: 2, fileSystem: '0xef53' },
    notShown: ['Everything else.'],
    faults: [],
    groups: all.map((condition) => groupOf(condition, perSecond)),
  };
}

function groupOf(condition: string, perSecond: number): Group {
  const round = { count: perSecond, seconds: 1, latenciesMs: [7, 7], errors: {}, generatorBusy: 0 };
  return { row: 'x', condition, results: systems.map((system) => sumUp(system, [round])) };
}

function chartOf(rows: readonly (readonly (number | null)[])[]): Chart {
  const labelled = rows.map((values, index) => ({ label: `row ${index}`, values }));
  const series = ['a', 'b'].map((name, style) => ({ name, style }));
  return { title: 'A chart', axis: 'ms', series, rows: labelled };
}

/** Where the marks below the legend stand: circles of the first series, squares (by their corner) of the second. */
function xPlaces(svg: string): number[] {
  const legendEnds = 60;
  return [
    ...svg.matchAll(/<circle cx="(\S+)" cy="(\S+)" r="5.5" fill/g),
    ...svg.matchAll(/<rect x="(\S+)" y="(\S+)" width="11" height="11" fill/g),
  ]
    .filter(([, , y]) => Number(y) > legendEnds)
    .map(([mark, x]) => Number(x) + (mark.startsWith('<rect') ? 5.5 : 0));
}

function assertBalanced(svg: string): void {
  const open: string[] = [];
  for (const [, closes, name, ends] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (closes) t.equal(open.pop(), name);
    else if (!ends) open.push(name ?? '');
  }
  t.same(open, []);
}

function withoutBlocks(text: string): string {
  return text.replace(/(<!-- bench:[a-z-]+ -->)[\s\S]*?(<!-- \/bench)/g, '$1$2');
}
