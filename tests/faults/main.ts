import { randomInt } from 'node:crypto';
import { StackError } from '../../services/stack/stack-error.ts';
import { allFaults } from './faults/inject.ts';
import { judge } from './history/judge.ts';
import { run } from './run.ts';
import type { RedisChoice } from './stage/redis.ts';
import { startFaultStage, type CacheChoice } from './stage/stage.ts';
import { summarize } from './summary.ts';

/*
 * Many clients, revokers and faults against a real stack, and a checker over all that happened: `make faults`. Its settings
 * are in docs/strictness.md.
 */
const minutes = readNumber('FAULTS_MINUTES', 2);
const seed = readNumber('SEED', randomInt(2 ** 31));
const redis: RedisChoice = readWord('REDIS', ['single', 'sentinel', 'cluster']);
const caches = readCaches();
const wanted = (process.env['FAULTS'] ?? '').split(',').filter(Boolean);

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof StackError)) throw error;
  console.error(`bednet: ${error.message}\n${error.logTail ?? ''}`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const chosen = allFaults.filter(
    ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
  );
  if (chosen.length === 0)
    refuse('FAULTS', `names no fault: ${allFaults.map(({ name }) => name).join(', ')}`);
  console.log(`SEED=${seed}, ${minutes} minutes, Redis: ${redis}, caches: ${caches}`);
  await using open = new AsyncDisposableStack();
  const stage = await startFaultStage({ caches, redis }, open);
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

function readNumber(name: string, otherwise: number): number {
  const value = Number(process.env[name] || otherwise);
  return value > 0 ? value : refuse(name, 'is no number above 0');
}

/** All that the Redis of choice allows, by default. */
function readCaches(): CacheChoice {
  if (redis !== 'cluster') return readWord('CACHES', ['all', 'near', 'none']);
  const given = process.env['CACHES'] || 'none';
  return given === 'none' ? given : refuse('CACHES', 'must be none with REDIS=cluster: it gives no leases');
}

/** The first word is the default. */
function readWord<const Word extends string>(name: string, words: readonly [Word, ...Word[]]): Word {
  const given = process.env[name] || words[0];
  return words.find((word) => word === given) ?? refuse(name, `is none of ${words.join(', ')}`);
}

function refuse(name: string, fault: string): never {
  console.error(`bednet: ${name} ${fault}`);
  process.exit(2);
}
