import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { readLogLines } from '../../services/stack/log-tail.ts';
import { partNames } from '../../services/stack/part-names.ts';
import type { PartDeath } from '../../services/stack/part-plan.ts';
import { startStack, type Stack } from '../../services/stack/stack.ts';
import { StackError } from '../../services/stack/stack-error.ts';
import type { StackOptions } from '../../services/stack/stack-options.ts';
import { writeCliRedisUrl, type RedisUser } from '../../services/stack/secrets.ts';
import { writePatientBroker } from './patient-broker.ts';
import { failOnSecretsBelow, noteStackSecrets } from './secret-watch.ts';

const adminPassword = 'only-in-tests';

/** A stack for one test file or one test. */
export interface TestStack extends Stack {
  /** Redis as a user with all rights, to look behind the scenes and to break things; no service knows it. */
  redisAdminUrl: string;
  /** The parts that ended though nobody asked them to, so far. */
  deaths: PartDeath[];
}

/** Several servers of Redis that stand for the one of a stack. */
export interface RedisServers {
  /** What one of the users of redis/users.acl, or `test`, connects to. */
  url(user: RedisUser | 'test'): string;
}

/** All of StackOptions, but the run folder is a new one. */
export interface TestStackOptions extends Omit<StackOptions, 'runDir' | 'onChildDeath'> {
  /** Used in place of a Redis of the stack's own; TEST_REDIS=cluster in the environment starts a cluster for each. */
  servers?: RedisServers;
}

/**
 * Starts a stack in a temporary folder on free ports and stops it at the end of `t`, the most outer test that uses
 * it. The ends of its logs are printed if `t` fails. Pass `parts` to start fewer, `settings` to change a service.
 */
export async function startTestStack(t: Test, options: TestStackOptions = {}): Promise<TestStack> {
  const runDir = makeTestFolder(t);
  const deaths: PartDeath[] = [];
  const servers = options.servers ?? (await startServers(t, options));
  const stack = await startStack({
    ...patient(t, servers === undefined ? options : optionsWith(servers, options)),
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
  if (servers) {
    writeCliRedisUrl(stack.runDir.secrets, servers.url('cli'));
    return { ...stack, redisUrl: servers.url, redisAdminUrl: servers.url('test'), deaths };
  }
  const redisAdminUrl = `redis://test:${adminPassword}@127.0.0.1:${stack.ports.redis}`;
  return { ...stack, redisAdminUrl, deaths };
}

/**
 * On a busy machine Redis answers late, and the broker waits a little longer for the webhook service than that does for
 * Redis; where that is what a test is about, it sets the times itself.
 */
function patient(t: Test, options: TestStackOptions): TestStackOptions {
  const { settings, parts = partNames, mosquittoTemplate } = options;
  const ownTemplate = mosquittoTemplate === undefined && parts.includes('mosquitto');
  return {
    ...options,
    ...(ownTemplate && { mosquittoTemplate: writePatientBroker(makeTestFolder(t)) }),
    settings: { ...settings, webhook: { CHECK_TIMEOUT_MS: '2000', ...settings?.webhook } },
  };
}

/** The suites run on a Redis Cluster by `make test-cluster`. */
async function startServers(t: Test, { parts }: TestStackOptions): Promise<RedisServers | undefined> {
  if (process.env['TEST_REDIS'] !== 'cluster' || parts?.includes('redis') === false) return undefined;
  const { startClusterFor } = await import('./cluster-stage.ts');
  return startClusterFor(t);
}

function optionsWith(servers: RedisServers, { servers: _, ...options }: TestStackOptions): typeof options {
  const { parts = partNames, settings = {} } = options;
  return {
    ...options,
    parts: parts.filter((part) => part !== 'redis'),
    settings: {
      ...settings,
      session: { REDIS_URL: servers.url('session'), ...settings.session },
      webhook: { REDIS_URL: servers.url('webhook'), ...settings.webhook },
    },
  };
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
