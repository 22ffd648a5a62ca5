import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { getProgram } from '../../services/stack/programs.ts';
import { sha256Hex } from '../../services/stack/secrets.ts';
import { readStackSettings } from '../../services/stack/settings.ts';
import { StackError } from '../../services/stack/stack-error.ts';
import { startStack } from '../../services/stack/stack.ts';
import { crowdLimits } from '../support/crowd-limits.ts';
import type { BenchContext, Row } from './bench-context.ts';
import { FlagError, readFlags, type BenchFlags } from './flags.ts';
import type { Group, RoundSettings } from './measurement.ts';
import { countErrors, notShown, renderReport } from './report.ts';
import { checksRow } from './rows/checks.ts';
import { connectsRow } from './rows/connects.ts';
import { enumerationRow } from './rows/enumeration.ts';
import { loginsRow } from './rows/logins.ts';
import { nodelayRow } from './rows/nodelay.ts';
import { publishRow } from './rows/publish.ts';
import { refreshRow } from './rows/refresh.ts';
import { revokeRow } from './rows/revoke.ts';
import { sessionsRow } from './rows/sessions.ts';
import { stormRow } from './rows/storm.ts';
import { names } from './systems/names.ts';
import { startCachingProducts, type Product } from './systems/products.ts';
import { describeMachine } from './versions.ts';

const rows: readonly Row[] = [
  checksRow,
  publishRow,
  nodelayRow,
  connectsRow,
  stormRow,
  refreshRow,
  loginsRow,
  revokeRow,
  sessionsRow,
  enumerationRow,
];

try {
  process.exitCode = await bench(
    readFlags(
      process.argv.slice(2),
      rows.map(({ name }) => name),
    ),
  );
} catch (error) {
  if (!(error instanceof StackError) && !(error instanceof FlagError)) throw error;
  console.error(`bednet: ${error.message}`);
  process.exitCode = 1;
}

/** Measures, shows and saves; returns the exit code: 1 if anything failed, for then the figures are no good. */
async function bench(flags: BenchFlags): Promise<number> {
  const chosen = rows.filter(({ name }) => flags.only.length === 0 || flags.only.includes(name));
  for (const [name, debianPackage] of chosen.flatMap(({ programs }) => Object.entries(programs ?? {}))) {
    getProgram(name, debianPackage);
  }
  const benchDir = join(readStackSettings(process.env).runDir, 'bench');
  mkdirSync(benchDir, { recursive: true });
  const settings: RoundSettings = { rounds: flags.rounds, warmUpMs: 200, durationMs: 400, maxCount: 100_000 };
  const startedAt = new Date();
  const machine = { ...describeMachine(benchDir), loadAtStart: loadavg()[0] };
  const { groups, faults } = await measureAll(benchDir, chosen, settings);

  const seconds = (Date.now() - startedAt.getTime()) / 1000;
  const report = { startedAt, seconds, settings, machine, notShown, faults, groups };
  const file = join(benchDir, `${startedAt.toISOString().replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(flags.json ? JSON.stringify(report) : `${renderReport(groups)}\n\nSaved in ${file}`);
  for (const fault of faults) console.error(`bednet: ${fault}`);
  return countErrors(groups) + faults.length > 0 ? 1 : 0;
}

/** Starts the product in a folder of its own, on the disk of the run folder, and removes it afterwards. */
async function measureAll(
  benchDir: string,
  chosen: readonly Row[],
  settings: RoundSettings,
): Promise<{ groups: Group[]; faults: string[] }> {
  await using open = new AsyncDisposableStack();
  const folder = makeWorkFolder(benchDir, open);
  const groups: Group[] = [];
  const faults: string[] = [];
  const context = await openContext(folder, settings, { faults, open });
  for (const row of chosen) {
    try {
      groups.push(...(await row.measure(context)));
    } catch (error) {
      faults.push(`row ${row.name} could not be measured: ${(error as Error).message}`);
    }
  }
  return { groups, faults };
}

/** It holds keys and passwords: it goes at the end, and when somebody interrupts. */
function makeWorkFolder(benchDir: string, open: AsyncDisposableStack): string {
  const folder = mkdtempSync(join(benchDir, 'work-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  open.defer(remove);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      remove();
      process.exit(1);
    });
  }
  return folder;
}

async function openContext(
  folder: string,
  settings: RoundSettings,
  { faults, open }: { faults: string[]; open: AsyncDisposableStack },
): Promise<BenchContext> {
  const password = randomBytes(32).toString('base64url');
  const stack = await startStack({
    runDir: join(folder, 'stack'),
    settings: { session: crowdLimits, webhook: { NEAR_CACHE: 'off' } },
    extraRedisUsers: [`user bench on #${sha256Hex(password)} ~bench:* -@all +set`],
    onChildDeath: ({ message }) => faults.push(message),
  });
  open.defer(stack.stop);
  let caching: Promise<Product[]> | undefined;
  return {
    stack,
    products: async () => {
      caching ??= startCachingProducts(folder, crowdLimits, open);
      return [{ system: names.bednet, stack }, ...(await caching)];
    },
    benchRedisUrl: `redis://bench:${password}@127.0.0.1:${stack.ports.redis}`,
    folder,
    settings,
    tellFault: (fault) => void faults.push(fault),
    say: (condition) => console.error(`… ${condition}`),
  };
}
