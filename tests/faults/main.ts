import { randomInt } from 'node:crypto';
import { StackError } from '../../services/stack/stack-error.ts';
import { allFaults } from './faults/inject.ts';
import { judge } from './history/judge.ts';
import { run } from './run.ts';
import { startFaultStage, type CacheChoice } from './stage/stage.ts';
import { summarize } from './summary.ts';

/*
 * Many clients, revokers and faults against a real stack, and a checker over all that happened: `make faults`.
 * FAULTS_MINUTES, SEED, FAULTS (names or parts of names, with commas between) and CACHES (none, near, all) choose what.
 */
const minutes = Number(process.env['FAULTS_MINUTES'] || 2);
const seed = Number(process.env['SEED'] || randomInt(2 ** 31));
const caches = (process.env['CACHES'] || 'all') as CacheChoice;
const redis = process.env['REDIS'] === 'sentinel' ? 'sentinel' : 'single';
const wanted = (process.env['FAULTS'] ?? '').split(',').filter(Boolean);

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof StackError)) throw error;
  console.error(`bednet: ${error.message}\n${error.logTail ?? ''}`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  console.log(`SEED=${seed}, ${minutes} minutes, caches: ${caches}`);
  await using open = new AsyncDisposableStack();
  const stage = await startFaultStage({ caches, redis }, open);
  const chosen = allFaults.filter(
    ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
  );
  const faults = chosen.filter((fault) => {
    const missing = fault.missing?.(stage);
    if (missing !== undefined) console.log(`left out: ${fault.name}: ${missing}`);
    return missing === undefined;
  });
  const startMs = performance.now();
  const done = await run(stage, { seed, durationMs: minutes * 60_000, faults });
  const violations = judge(done.history);
  console.log(summarize(done, violations, (performance.now() - startMs) / 1000));
  for (const death of stage.deaths) console.log(`died by itself: ${death}`);
  return violations.length + stage.deaths.length > 0 ? 1 : 0;
}
