import { setTimeout as delay } from 'node:timers/promises';
import type { Stack } from '../../../services/stack/stack.ts';
import { httpRequest, type HttpConnection } from '../load/http-connection.ts';
import type { RedisConnection } from '../load/redis-connection.ts';
import { openMqtt, subscribe, type MqttConnection } from '../load/mqtt-connection.ts';
import type { Measurement } from '../measurement.ts';
import { writeDurably } from './durable-write.ts';
import { mintSessions, type MintedSession } from './minted-sessions.ts';
import { mqttIdentity } from './sign-in.ts';

/** A connected session, and the request with which another session of the same account ends it. */
export interface Victim {
  connection: MqttConnection;
  request: Buffer;
}

/** The calls, the times from a call's start to the end of its victim's connection, and a durable write before each. */
export interface Revocations {
  writes: Measurement;
  calls: Measurement;
  closes: Measurement;
}

const victimsPerAccount = 10;
const patienceMs = 5_000;

/** Signs victims in; each listens, as a page does. `count` is a multiple of ten. */
export async function openVictims(stack: Stack, count: number): Promise<Victim[]> {
  const accounts = count / victimsPerAccount;
  const minted = await mintSessions(stack, { accounts, sessionsEach: victimsPerAccount + 1 });
  const victims: Victim[] = [];
  for (const [revoker, ...sessions] of minted) {
    for (const session of sessions) {
      const connection = await openMqtt(stack.ports.mqtt, mqttIdentity(session, 'victim'));
      await subscribe(connection, `users/${session.username}/#`);
      victims.push({ connection, request: revokeRequest(revoker as MintedSession, session) });
    }
  }
  return victims;
}

/**
 * One after the other: the next is revoked when the connection of the one before has ended. Right before each one durable
 * write is timed, so that it meets the same disk in the same moment.
 */
export async function revokeEach(
  { connection, redis }: { connection: HttpConnection; redis: RedisConnection },
  victims: readonly Victim[],
): Promise<Revocations> {
  const [writes, calls, closes] = [emptyMeasurement(), emptyMeasurement(), emptyMeasurement()];
  for (const victim of victims) {
    await addWrite(writes, redis);
    const startMs = performance.now();
    const { status, body } = await connection.send(victim.request);
    const callMs = performance.now() - startMs;
    if (status === 200) add(calls, callMs);
    else fail(calls, `${status} ${body}`);
    const patience = new AbortController();
    const late = delay(patienceMs, undefined, { signal: patience.signal }).catch(() => undefined);
    const closedAtMs = await Promise.race([victim.connection.closed, late]);
    patience.abort();
    if (closedAtMs === undefined) fail(closes, `not closed in ${patienceMs / 1000} s`);
    else add(closes, closedAtMs - startMs);
  }
  return { writes, calls, closes };
}

async function addWrite(writes: Measurement, redis: RedisConnection): Promise<void> {
  const startMs = performance.now();
  const failure = await writeDurably(redis, 'bench:floor');
  if (failure === undefined) add(writes, performance.now() - startMs);
  else fail(writes, failure);
}

function revokeRequest(revoker: MintedSession, victim: MintedSession): Buffer {
  return httpRequest('DELETE', `/api/auth/sessions/${victim.sid}`, {
    Authorization: `Bearer ${revoker.accessToken}`,
  });
}

/** Without a rate: operations one at a time with pauses between. */
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
