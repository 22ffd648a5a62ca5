import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext, Row } from '../bench-context.ts';
import { httpRequest, openHttp, type HttpConnection } from '../load/http-connection.ts';
import { openMqtt, subscribe, type MqttConnection } from '../load/mqtt-connection.ts';
import { sumUp, type Measurement } from '../measurement.ts';
import { durableWriteContender } from '../systems/durable-write.ts';
import { mqttIdentity, registerAccount, signIn, type SignedIn } from '../systems/sign-in.ts';

const victimCount = 100;
const victimsPerAccount = 10;
const patienceMs = 5_000;

interface Victim {
  connection: MqttConnection;
  /** Who ends it: another session of the same account. */
  request: Buffer;
}

/** One revocation after the other on a broker at rest: the call, and from the call's start to the closed connection. */
export const revokeRow: Row = {
  name: 'revoke',
  async measure(context) {
    await using open = new AsyncDisposableStack();
    const condition = `revoke a session, ${victimCount} one by one`;
    context.say(condition);
    const { stack, settings } = context;
    const floor = await durableWriteContender(context.benchRedisUrl, 1, open);
    const victims = await signInVictims(context);
    const connection = await openHttp(stack.ports.session);
    open.defer(() => connection.close());

    const writes: Measurement[] = [];
    const revocations: Revocations[] = [];
    for (const part of divide(victims, settings.rounds)) {
      writes.push(await floor.measure({ durationMs: settings.durationMs, maxCount: part.length }));
      revocations.push(await revokeEach(connection, part));
    }
    return [
      {
        row: 'revoke',
        condition,
        results: [
          sumUp(floor.system, writes.map(withoutRate)),
          sumUp(
            'revoke call',
            revocations.map(({ calls }) => calls),
          ),
          sumUp(
            'call → socket closed',
            revocations.map(({ closes }) => closes),
          ),
        ],
      },
    ];
  },
};

interface Revocations {
  calls: Measurement;
  closes: Measurement;
}

async function revokeEach(connection: HttpConnection, victims: readonly Victim[]): Promise<Revocations> {
  const calls = emptyMeasurement();
  const closes = emptyMeasurement();
  for (const victim of victims) {
    const startMs = performance.now();
    const { status, body } = await connection.send(victim.request);
    const callMs = performance.now() - startMs;
    if (status === 200) add(calls, callMs);
    else fail(calls, `${status} ${body}`);
    const closedAtMs = await Promise.race([victim.connection.closed, delay(patienceMs)]);
    if (closedAtMs === undefined) fail(closes, `not closed in ${patienceMs / 1000} s`);
    else add(closes, closedAtMs - startMs);
  }
  return { calls, closes };
}

/** Each victim listens, as a page does. */
async function signInVictims({ stack }: BenchContext): Promise<Victim[]> {
  const victims: Victim[] = [];
  while (victims.length < victimCount) {
    const account = await registerAccount(stack.ports.session);
    const operator = await signIn(stack.ports.session, account);
    for (let n = 0; n < victimsPerAccount; n++) {
      const session = await signIn(stack.ports.session, account);
      const connection = await openMqtt(stack.ports.mqtt, mqttIdentity(session, 'victim'));
      await subscribe(connection, `users/${account.username}/#`);
      victims.push({ connection, request: revokeRequest(operator, session) });
    }
  }
  return victims;
}

function revokeRequest(operator: SignedIn, victim: SignedIn): Buffer {
  return httpRequest('DELETE', `/api/auth/sessions/${victim.sid}`, {
    Authorization: `Bearer ${operator.accessToken}`,
  });
}

function divide<T>(all: readonly T[], parts: number): T[][] {
  const size = Math.ceil(all.length / parts);
  return Array.from({ length: parts }, (_, index) => all.slice(index * size, (index + 1) * size));
}

/** One operation at a time with pauses between: a rate would say nothing. */
function withoutRate(measurement: Measurement): Measurement {
  return { ...measurement, seconds: Number.NaN };
}

function emptyMeasurement(): Measurement {
  return { count: 0, seconds: Number.NaN, latenciesMs: [], errors: {}, generatorBusy: Number.NaN };
}

function add(measurement: Measurement, latencyMs: number): void {
  measurement.count += 1;
  measurement.latenciesMs.push(latencyMs);
}

function fail(measurement: Measurement, kind: string): void {
  measurement.errors[kind] = (measurement.errors[kind] ?? 0) + 1;
}
