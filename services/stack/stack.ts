import { resolve } from 'node:path';
import { planMosquitto } from './parts/mosquitto.ts';
import { planRedis } from './parts/redis.ts';
import { planSession, planWebhook } from './parts/services.ts';
import { removeCounterFolder } from './counter-folder.ts';
import { Part } from './part.ts';
import type { PartPlan } from './part-plan.ts';
import { partNames, type PartName } from './part-names.ts';
import { assertPortFree, reserveFreePort, type ReservedPort } from './ports.ts';
import { makeRunDir, runDirAt, type RunDir } from './run-dir.ts';
import { ensureSecrets, writeCliRedisUrl, type RedisUser, type Secrets } from './secrets.ts';
import { portSettings, type Ports } from './settings.ts';
import { redisUrl, type PlanContext, type StackOptions } from './stack-options.ts';
import { StackError } from './stack-error.ts';

const planners: Record<PartName, (context: PlanContext) => PartPlan> = {
  redis: planRedis,
  webhook: planWebhook,
  session: planSession,
  mosquitto: planMosquitto,
};

const portsOf: Record<PartName, readonly (keyof Ports)[]> = {
  redis: ['redis'],
  webhook: ['webhook'],
  session: ['session'],
  mosquitto: ['mqtt', 'websocket'],
};

/** The started (or startable) parts of one run folder. */
export interface Stack {
  readonly runDir: RunDir;
  readonly ports: Ports;
  readonly secrets: Secrets;
  readonly urls: { session: string; webhook: string; mqtt: string; websocket: string; redis: string };
  /** The parts that this stack has, in order of start. */
  readonly parts: readonly Part[];
  /** One part; throws a TypeError if the stack was made without it. */
  part(name: PartName): Part;
  /** The address of Redis with the name and password of one of its users. */
  redisUrl(user: RedisUser): string;
  /** Starts all parts; returns when all are healthy, else throws the StackError of the first that isn't. */
  start(): Promise<void>;
  /** Stops all parts, Redis last. Harmless when nothing runs. */
  stop(): Promise<void>;
}

/** Creates and starts a stack; if a part fails, stops the others and throws its StackError. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const stack = await createStack(options);
  try {
    await stack.start();
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** Makes the run folder, the secrets and the plan of each part; starts nothing. Throws a StackError. */
export async function createStack(options: StackOptions): Promise<Stack> {
  const runDir = runDirAt(resolve(options.runDir));
  makeRunDir(runDir);
  const secrets = ensureSecrets(runDir.secrets, options.signingAlgorithm);
  const names = partNames.filter((name) => options.parts?.includes(name) ?? true);
  const { ports, reserved } = await choosePorts(options.ports ?? {});
  const context = { options, runDir, ports, secrets, environment: options.environment ?? plainEnvironment() };
  writeCliRedisUrl(runDir.secrets, redisUrl(context, 'cli'));
  const parts = names.map((name) => createPart(planners[name](context), options));

  return {
    runDir,
    ports,
    secrets,
    urls: urlsOf(ports),
    parts,
    part: (name) => partNamed(parts, name),
    redisUrl: (user) => redisUrl(context, user),
    start: () => startParts(parts, ports),
    stop: async () => {
      await stopParts(parts);
      if (options.decisionCache) removeCounterFolder(runDir.counters);
      for (const port of reserved) port.release();
    },
  };
}

/** Where each part is reached. The broker's and the issuer's names in tokens and answers say `localhost`. */
export function urlsOf(ports: Ports): Stack['urls'] {
  return {
    session: `http://127.0.0.1:${ports.session}`,
    webhook: `http://127.0.0.1:${ports.webhook}`,
    mqtt: `mqtt://127.0.0.1:${ports.mqtt}`,
    websocket: `ws://127.0.0.1:${ports.websocket}`,
    redis: `redis://127.0.0.1:${ports.redis}`,
  };
}

function createPart(plan: PartPlan, options: StackOptions): Part {
  return new Part(plan, (death) => {
    options.onChange?.();
    if (death) options.onChildDeath?.(death);
  });
}

function partNamed(parts: readonly Part[], name: PartName): Part {
  const part = parts.find((candidate) => candidate.name === name);
  if (!part) throw new TypeError(`this stack has no ${name}`);
  return part;
}

async function choosePorts(asked: Partial<Ports>): Promise<{ ports: Ports; reserved: ReservedPort[] }> {
  const ports: Ports = { session: 0, webhook: 0, mqtt: 0, websocket: 0, redis: 0, ...asked };
  const reserved: ReservedPort[] = [];
  for (const name of Object.keys(portSettings) as (keyof Ports)[]) {
    if (ports[name] !== 0) continue;
    const reservation = await reserveFreePort();
    reserved.push(reservation);
    ports[name] = reservation.port;
  }
  return { ports, reserved };
}

/**
 * Redis first, for the services ask it as they start; then the services side by side; then the broker, which looks for the
 * counter file.
 */
async function startParts(parts: readonly Part[], ports: Ports): Promise<void> {
  for (const part of parts) {
    for (const port of portsOf[part.name]) await assertPortFree(ports[port], portSettings[port].variable);
  }
  for (const names of [['redis'], ['webhook', 'session'], ['mosquitto']])
    await Promise.all(parts.filter(({ name }) => names.includes(name)).map(startOne));
}

async function startOne(part: Part): Promise<void> {
  try {
    await part.start();
  } catch (error) {
    if (error instanceof StackError) throw error;
    throw new StackError(`${part.name} could not be started: ${(error as Error).message}`, {
      part: part.name,
      cause: error,
    });
  }
}

async function stopParts(parts: readonly Part[]): Promise<void> {
  await Promise.all(parts.filter((part) => part.name !== 'redis').map((part) => part.stop()));
  await Promise.all(parts.map((part) => part.stop()));
}

/** What the parts inherit. With what Node keeps of the sources (NODE_COMPILE_CACHE) a service starts sooner. */
export function plainEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TMPDIR', 'NODE_COMPILE_CACHE']) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
