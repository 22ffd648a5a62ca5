import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openStore, untilReady, type Store } from '../../../services/core/redis/store.ts';
import type { Part } from '../../../services/stack/part.ts';
import { projectDir } from '../../../services/stack/settings.ts';
import type { Stack } from '../../../services/stack/stack.ts';
import { startSentinels, type SentinelStage } from '../../support/sentinel-stage.ts';
import { environmentOf } from './environment.ts';
import { makeFalseClock, type FalseClock } from './clock.ts';
import { openLinks, type Link } from './links.ts';
import { reservePorts } from './ports.ts';
import { settingsOf } from './settings.ts';
import { startPatiently } from './start-patiently.ts';

/** A machine with a broker and the webhook service that answers its checks. */
export interface Host {
  readonly name: string;
  readonly broker: Part;
  readonly webhook: Part;
  readonly brokerPort: number;
  readonly webhookPort: number;
  readonly brokerKey: string;
}

/** Two hosts, one session service and one Redis, and hands to break each of them. */
export interface FaultStage {
  readonly hosts: readonly Host[];
  /** Undefined where Sentinels watch over several. */
  readonly redis: Part | undefined;
  readonly sentinel: SentinelStage | undefined;
  readonly session: Part;
  readonly sessionPort: number;
  /** Redis as a user with all rights. */
  readonly store: Store;
  /** Between the services and Redis, and between the brokers and their webhook services. */
  readonly links: readonly Link[];
  /** The clock of the last host's webhook service, where libfaketime is installed. */
  readonly clock: FalseClock | undefined;
  /** What ended though nobody asked it to. */
  readonly deaths: readonly string[];
}

/** What a stage is made of. */
export interface StageOptions {
  /** The folder of the project, or of a copy with a planted bug. */
  readonly project?: string;
  readonly caches: CacheChoice;
  /** One Redis, or a primary with a replica and three Sentinels; one by default. */
  readonly redis?: 'single' | 'sentinel';
}

/** Which caches answer checks: none, the webhook's, or the plugin's as well. */
export type CacheChoice = 'none' | 'near' | 'all';

type StackModule = typeof import('../../../services/stack/stack.ts');

/** Starts a stage; `open` ends it. */
export async function startFaultStage(
  { project = projectDir, caches, redis = 'single' }: StageOptions,
  open: AsyncDisposableStack,
): Promise<FaultStage> {
  const { createStack } = (await import(
    pathToFileURL(join(project, 'services/stack/stack.ts')).href
  )) as StackModule;
  const folder = makeFolder(open);
  const clock = makeFalseClock(folder);
  const deaths: string[] = [];
  const onChildDeath = ({ message }: { message: string }) => void deaths.push(message);
  const password = randomBytes(32).toString('base64url');
  const extraRedisUsers = [`user faults on >${password} ~* &* +@all`];

  const ports = [await reservePorts(open), await reservePorts(open)] as const;
  const runDirs = ['a', 'b'].map((name) => join(folder, name)) as [string, string];
  const drafts = await Promise.all(
    runDirs.map((runDir, index) => createStack({ runDir, ports: ports[index] ?? {} })),
  );
  const decisionCache = caches === 'all';
  const environment = environmentOf(project);
  const links = openLinks();
  open.defer(links.close);
  const sentinel = redis === 'sentinel' ? await startSentinels(folder) : undefined;
  if (sentinel) open.defer(sentinel.stop);
  const settings = await settingsOf({ drafts: drafts as [Stack, Stack], links, clock, caches, sentinel });
  const [first, second] = [
    await createStack({
      ...{ runDir: runDirs[0], ports: ports[0], onChildDeath, extraRedisUsers, decisionCache, environment },
      parts: [...(sentinel ? [] : (['redis'] as const)), 'session', 'webhook', 'mosquitto'],
      settings: settings.stacks[0],
    }),
    await createStack({
      ...{ runDir: runDirs[1], ports: ports[1], onChildDeath, decisionCache, environment },
      parts: ['webhook', 'mosquitto'],
      settings: settings.stacks[1],
    }),
  ];
  for (const stack of [first, second]) {
    open.defer(stack.stop);
    await startPatiently(stack);
  }
  const url = sentinel?.url('test') ?? `redis://faults:${password}@127.0.0.1:${first.ports.redis}`;
  const store = openStore({ url, commandTimeoutMs: 2_000 });
  open.defer(() => store.close());
  await untilReady(store, 5_000);
  return {
    hosts: [first, second].map((stack, index) => toHost(`host ${index + 1}`, stack)),
    redis: sentinel ? undefined : first.part('redis'),
    sentinel,
    session: first.part('session'),
    sessionPort: first.ports.session,
    ...{ store, clock, deaths },
    links: settings.links,
  };
}

/** In memory where there is such a place: what SIGKILL leaves behind is the same there, and nobody waits for a disk. */
function makeFolder(open: AsyncDisposableStack): string {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const folder = mkdtempSync(join(parent, 'bednet-faults-'));
  open.defer(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function toHost(name: string, stack: Stack): Host {
  return {
    name,
    broker: stack.part('mosquitto'),
    webhook: stack.part('webhook'),
    brokerPort: stack.ports.mqtt,
    webhookPort: stack.ports.webhook,
    brokerKey: stack.secrets.brokerKey,
  };
}
