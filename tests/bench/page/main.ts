import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { projectDir, readStackSettings } from '../../../services/stack/settings.ts';
import { replaceBlocks } from './blocks.ts';
import { renderChart } from './chart.ts';
import { chartsOf } from './charts.ts';
import { pageBlocks, readmeBlocks } from './page.ts';
import { findNewest, readReport } from './saved-report.ts';

/** Writes the tables of docs/performance.md and README.md and the charts from one saved run, by default the newest. */
const file = process.argv[2] ?? findNewest(join(readStackSettings(process.env).runDir, 'bench'));
const report = readReport(file);
await fill('docs/performance.md', pageBlocks(report));
await fill('README.md', readmeBlocks(report));
for (const [name, chart] of Object.entries(chartsOf(report))) {
  writeFileSync(join(projectDir, 'docs', 'pictures', `performance-${name}.svg`), renderChart(chart));
}
console.log(`docs/performance.md, README.md and the charts tell of ${file}`);

async function fill(document: string, blocks: Readonly<Record<string, string>>): Promise<void> {
  const path = join(projectDir, document);
  const text = replaceBlocks(readFileSync(path, 'utf8'), blocks);
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
}
