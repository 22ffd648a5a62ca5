import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openStore, untilReady, type Store } from '../../../services/core/redis/store.ts';
import type { Part } from '../../../services/stack/part.ts';
import { projectDir } from '../../../services/stack/settings.ts';
import type { Stack } from '../../../services/stack/stack.ts';
import type { RedisGroup } from '../../support/redis-group.ts';
import { environmentOf } from './environment.ts';
import { makeFalseClock, type FalseClock } from './clock.ts';
import { openLinks, type Link } from './links.ts';
import { reservePorts } from './ports.ts';
import { startRedis, type RedisChoice } from './redis.ts';
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

/** A session service. */
export interface SessionService {
  readonly name: string;
  readonly part: Part;
  readonly port: number;
}

/** Two hosts, session services and Redis, and hands to break each of them. */
export interface FaultStage {
  readonly hosts: readonly Host[];
  /** Undefined where there are several servers. */
  readonly redis: Part | undefined;
  /** Undefined where there is one. */
  readonly group: RedisGroup | undefined;
  /** One with one Redis, else two. */
  readonly sessions: readonly [SessionService, ...SessionService[]];
  /** Redis as a user with all rights. */
  readonly store: Store;
  /** Addresses of all servers of Redis, for that user. */
  readonly redisUrls: readonly string[];
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
  /** `single` by default. A cluster allows no caches. */
  readonly redis?: RedisChoice;
}

/** Which caches answer checks: none, the webhook's, or the plugin's as well. */
export type CacheChoice = 'none' | 'near' | 'all';

type StackModule = typeof import('../../../services/stack/stack.ts');

/** Starts a stage; `open` ends it. */
export async function startFaultStage(
  { project = projectDir, caches, redis: choice = 'single' }: StageOptions,
  open: AsyncDisposableStack,
): Promise<FaultStage> {
  const { createStack } = (await import(
    pathToFileURL(join(project, 'services/stack/stack.ts')).href
  )) as StackModule;
  const folder = makeFolder(open);
  const clock = makeFalseClock(folder);
  const deaths: string[] = [];
  const onChildDeath = ({ message }: { message: string }) => void deaths.push(message);
  const ports = [await reservePorts(open), await reservePorts(open)] as const;
  const runDirs = ['a', 'b'].map((name) => join(folder, name)) as [string, string];
  const drafts = await Promise.all(
    runDirs.map((runDir, index) => createStack({ runDir, ports: ports[index] ?? {} })),
  );
  const decisionCache = caches === 'all';
  const environment = environmentOf(project);
  const links = openLinks();
  open.defer(links.close);
  const redis = await startRedis(choice, folder, open);
  const { group } = redis;
  const settings = await settingsOf({ drafts: drafts as [Stack, Stack], links, clock, caches, group });
  const shared = { onChildDeath, decisionCache, environment };
  const [first, second] = [
    await createStack({
      ...{ ...shared, runDir: runDirs[0], ports: ports[0], extraRedisUsers: [redis.userLine] },
      parts: [...(group ? [] : (['redis'] as const)), 'session', 'webhook', 'mosquitto'],
      settings: settings.stacks[0],
    }),
    await createStack({
      ...{ ...shared, runDir: runDirs[1], ports: ports[1] },
      parts: [...(group ? (['session'] as const) : []), 'webhook', 'mosquitto'],
      settings: settings.stacks[1],
    }),
  ];
  for (const stack of [first, second]) {
    open.defer(stack.stop);
    await startPatiently(stack);
  }
  const store = openStore({ url: redis.url(first.ports.redis), commandTimeoutMs: 2_000 });
  open.defer(() => store.close());
  await untilReady(store, 5_000);
  return {
    hosts: [first, second].map((stack, index) => toHost(`host ${index + 1}`, stack)),
    redis: group ? undefined : first.part('redis'),
    sessions: [toSessionService(first, 1), ...(group ? [toSessionService(second, 2)] : [])],
    ...{ group, store, clock, deaths },
    redisUrls: redis.directUrls(first.ports.redis),
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

function toSessionService(stack: Stack, number: number): SessionService {
  return { name: `session service ${number}`, part: stack.part('session'), port: stack.ports.session };
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
