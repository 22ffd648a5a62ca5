import { setTimeout as delay } from 'node:timers/promises';
import type { Stack } from '../../../services/stack/stack.ts';
import type { Row } from '../bench-context.ts';
import { conditions } from '../conditions.ts';
import { openHttp } from '../load/http-connection.ts';
import { startLoad } from '../load/load-thread.ts';
import type { MqttIdentity } from '../load/mqtt-connection.ts';
import type { PublishTask } from '../load/publish-program.ts';
import { openRedis, type RedisConnection } from '../load/redis-connection.ts';
import { sumUp, type Group, type Measurement, type Result } from '../measurement.ts';
import { durableWrite } from '../systems/durable-write.ts';
import { mintSessions } from '../systems/minted-sessions.ts';
import type { Product } from '../systems/products.ts';
import { mqttIdentity } from '../systems/sign-in.ts';
import { openVictims, revokeEach, type Revocations } from '../systems/victims.ts';

const victimsPerRound = 60;
/** Before the rounds: what a service does for the first time takes longer. */
const victimsOfWarmUp = 10;
const checksPerSecond = 20_000;
const publisherCount = 20;
/** Until the load has reached its pace, or all that the victims' sign-ins wrote is on disk. */
const settleMs = 300;

/** One product at rest or under load, and what its rounds told. */
interface Scene {
  product: Product;
  publishers?: MqttIdentity[];
  revocations: Revocations[];
  load: Measurement[];
}

/**
 * One revocation after the other: the call, and from the call's start to the closed connection; on a broker at rest,
 * and on one that is asked for 20,000 checks a second by publishes of others.
 */
export const revokeRow: Row = {
  name: 'revoke',
  async measure(context) {
    await using open = new AsyncDisposableStack();
    context.say(`revoke a session, ${victimsPerRound} one by one, at rest and under load`);
    const redis = await openRedis(context.benchRedisUrl);
    open.defer(() => redis.close());
    const atRest: Scene[] = [];
    const underLoad: Scene[] = [];
    for (const product of await context.products()) {
      atRest.push({ product, revocations: [], load: [] });
      const publishers = await signInPublishers(product.stack);
      underLoad.push({ product, publishers, revocations: [], load: [] });
      await measureScene({ product, revocations: [], load: [] }, redis, victimsOfWarmUp);
    }
    for (let round = 0; round < context.settings.rounds; round++) {
      for (const scene of [...atRest, ...underLoad]) await measureScene(scene, redis, victimsPerRound);
    }
    return toGroups(atRest, underLoad);
  },
};

async function signInPublishers(stack: Stack): Promise<MqttIdentity[]> {
  const [sessions = []] = await mintSessions(stack, { accounts: 1, sessionsEach: publisherCount });
  return sessions.map((session) => mqttIdentity(session, 'publisher'));
}

async function measureScene(
  { product: { stack }, publishers, revocations, load }: Scene,
  redis: RedisConnection,
  victimCount: number,
): Promise<void> {
  const victims = await openVictims(stack, victimCount);
  const connection = await openHttp(stack.ports.session);
  const task = { port: stack.ports.mqtt, identities: publishers ?? [], perSecond: checksPerSecond };
  const thread = publishers && (await startLoad('publish-program.ts', task satisfies PublishTask));
  await delay(settleMs);
  revocations.push(await revokeEach({ connection, redis }, victims));
  if (thread) load.push(await thread.end());
  connection.close();
}

function toGroups(atRest: readonly Scene[], underLoad: readonly Scene[]): Group[] {
  const group = (condition: string, results: Result[]): Group => ({ row: 'revoke', condition, results });
  return [
    group(conditions.revokeAtRest, [sumUpWrites(atRest), ...sumUpAll(atRest, 'calls')]),
    group(conditions.closeAtRest, sumUpAll(atRest, 'closes')),
    group(conditions.revokeUnderLoad, [sumUpWrites(underLoad), ...sumUpAll(underLoad, 'calls')]),
    group(conditions.closeUnderLoad, sumUpAll(underLoad, 'closes')),
    group(
      conditions.revokeLoad,
      underLoad.map(({ product, load }) => sumUp(product.system, load)),
    ),
  ];
}

/** The floor: every revocation does at least one such write. */
function sumUpWrites(scenes: readonly Scene[]): Result {
  return sumUp(
    durableWrite,
    scenes.flatMap(({ revocations }) => revocations.map(({ writes }) => writes)),
  );
}

function sumUpAll(scenes: readonly Scene[], part: keyof Revocations): Result[] {
  return scenes.map(({ product, revocations }) =>
    sumUp(
      product.system,
      revocations.map((each) => each[part]),
    ),
  );
}
