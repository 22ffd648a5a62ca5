import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { readLogLines } from '../../services/stack/log-tail.ts';
import type { PartDeath } from '../../services/stack/part-plan.ts';
import { startStack, type Stack } from '../../services/stack/stack.ts';
import { StackError } from '../../services/stack/stack-error.ts';
import type { StackOptions } from '../../services/stack/stack-options.ts';
import { failOnSecretsBelow, noteStackSecrets } from './secret-watch.ts';

const adminPassword = 'only-in-tests';

/** A stack for one test file or one test. */
export interface TestStack extends Stack {
  /** Redis as a user with all rights, to look behind the scenes and to break things; no service knows it. */
  redisAdminUrl: string;
  /** The parts that ended though nobody asked them to, so far. */
  deaths: PartDeath[];
}

/** All of StackOptions, but the run folder is a new one. */
export type TestStackOptions = Omit<StackOptions, 'runDir' | 'onChildDeath'>;

/**
 * Starts a stack in a temporary folder on free ports and stops it at the end of `t`, the most outer test that uses
 * it. The ends of its logs are printed if `t` fails. Pass `parts` to start fewer, `settings` to change a service.
 */
export async function startTestStack(t: Test, options: TestStackOptions = {}): Promise<TestStack> {
  const runDir = makeTestFolder(t);
  const deaths: PartDeath[] = [];
  const stack = await startStack({
    ...options,
    runDir,
    extraRedisUsers: [...(options.extraRedisUsers ?? []), `user test on >${adminPassword} ~* &* +@all`],
    onChildDeath: (death) => deaths.push(death),
  }).catch((error: unknown) => {
    if (error instanceof StackError) console.error(error.logTail);
    throw error;
  });
  t.teardown(async () => {
    await stack.stop();
    for (const folder of ['log', 'redis']) failOnSecretsBelow(join(runDir, folder));
    if (!t.passing()) printLogs(stack);
  });
  noteStackSecrets(stack.secrets);
  const redisAdminUrl = `redis://test:${adminPassword}@127.0.0.1:${stack.ports.redis}`;
  return { ...stack, redisAdminUrl, deaths };
}

/** A temporary folder that is removed when `t` ends. */
export function makeTestFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'bednet-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function printLogs(stack: Stack): void {
  for (const part of stack.parts) {
    console.error([`--- ${part.name}`, ...readLogLines(part.logFile).slice(-40)].join('\n'));
  }
}
