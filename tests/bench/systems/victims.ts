import { setTimeout as delay } from 'node:timers/promises';
import type { Stack } from '../../../services/stack/stack.ts';
import { httpRequest, type HttpConnection } from '../load/http-connection.ts';
import { openMqtt, subscribe, type MqttConnection } from '../load/mqtt-connection.ts';
import type { Measurement } from '../measurement.ts';
import { mintSessions, type MintedSession } from './minted-sessions.ts';
import { mqttIdentity } from './sign-in.ts';

/** A connected session, and the request with which another session of the same account ends it. */
export interface Victim {
  connection: MqttConnection;
  request: Buffer;
}

/** The calls, and the times from a call's start to the end of its victim's connection. */
export interface Revocations {
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

/** One after the other: the next is revoked when the connection of the one before has ended. */
export async function revokeEach(
  connection: HttpConnection,
  victims: readonly Victim[],
): Promise<Revocations> {
  const calls = emptyMeasurement();
  const closes = emptyMeasurement();
  for (const victim of victims) {
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
  return { calls, closes };
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
