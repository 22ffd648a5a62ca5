import { setTimeout as delay } from 'node:timers/promises';
import type { Stack } from '../../../services/stack/stack.ts';
import type { Row } from '../bench-context.ts';
import { conditions } from '../conditions.ts';
import { openHttp } from '../load/http-connection.ts';
import { startLoad } from '../load/load-thread.ts';
import type { MqttIdentity } from '../load/mqtt-connection.ts';
import type { PublishTask } from '../load/publish-program.ts';
import { sumUp, type Contender, type Group, type Measurement, type Result } from '../measurement.ts';
import { durableWriteContender } from '../systems/durable-write.ts';
import { mintSessions } from '../systems/minted-sessions.ts';
import type { Product } from '../systems/products.ts';
import { mqttIdentity } from '../systems/sign-in.ts';
import { openVictims, revokeEach, type Revocations } from '../systems/victims.ts';

const victimsPerRound = 60;
const checksPerSecond = 20_000;
const publisherCount = 20;
/** Until the load has reached its pace. */
const loadWarmUpMs = 300;

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
    const floor = await durableWriteContender(context.benchRedisUrl, 1, open);
    const atRest: Scene[] = [];
    const underLoad: Scene[] = [];
    for (const product of await context.products()) {
      atRest.push({ product, revocations: [], load: [] });
      const publishers = await signInPublishers(product.stack);
      underLoad.push({ product, publishers, revocations: [], load: [] });
    }
    const writes: Measurement[] = [];
    for (let round = 0; round < context.settings.rounds; round++) {
      writes.push(await writeOneByOne(floor, context.settings.durationMs));
      for (const scene of [...atRest, ...underLoad]) await measureScene(scene);
    }
    return toGroups(atRest, underLoad, sumUp(floor.system, writes));
  },
};

async function signInPublishers(stack: Stack): Promise<MqttIdentity[]> {
  const [sessions = []] = await mintSessions(stack, { accounts: 1, sessionsEach: publisherCount });
  return sessions.map((session) => mqttIdentity(session, 'publisher'));
}

async function measureScene({ product: { stack }, publishers, revocations, load }: Scene): Promise<void> {
  const victims = await openVictims(stack, victimsPerRound);
  const connection = await openHttp(stack.ports.session);
  const task = { port: stack.ports.mqtt, identities: publishers ?? [], perSecond: checksPerSecond };
  const thread = publishers && (await startLoad('publish-program.ts', task satisfies PublishTask));
  if (thread) await delay(loadWarmUpMs);
  revocations.push(await revokeEach(connection, victims));
  if (thread) load.push(await thread.end());
  connection.close();
}

/** A rate of something that is done one at a time, with pauses between, would say nothing. */
async function writeOneByOne(floor: Contender, durationMs: number): Promise<Measurement> {
  const measurement = await floor.measure({ durationMs, maxCount: victimsPerRound });
  return { ...measurement, seconds: Number.NaN };
}

function toGroups(atRest: readonly Scene[], underLoad: readonly Scene[], floor: Result): Group[] {
  const group = (condition: string, results: Result[]): Group => ({ row: 'revoke', condition, results });
  return [
    group(conditions.revokeAtRest, [floor, ...sumUpAll(atRest, 'calls')]),
    group(conditions.closeAtRest, sumUpAll(atRest, 'closes')),
    group(conditions.revokeUnderLoad, sumUpAll(underLoad, 'calls')),
    group(conditions.closeUnderLoad, sumUpAll(underLoad, 'closes')),
    group(
      conditions.revokeLoad,
      underLoad.map(({ product, load }) => sumUp(product.system, load)),
    ),
  ];
}

function sumUpAll(scenes: readonly Scene[], part: keyof Revocations): Result[] {
  return scenes.map(({ product, revocations }) =>
    sumUp(
      product.system,
      revocations.map((each) => each[part]),
    ),
  );
}
