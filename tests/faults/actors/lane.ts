import { openHttp, type HttpAnswer, type HttpConnection } from '../../bench/load/http-connection.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { World } from './world.ts';

/** A keep-alive connection to one service that opens again whenever it has ended. One request at a time. */
export interface Lane {
  /** Sends a request; undefined = nobody knows what became of it. */
  send(request: Buffer): Promise<HttpAnswer | undefined>;
  close(): void;
}

const pauseAfterFailureMs = 5;

/** Makes a lane to a port of the loopback address. */
export function openLane(port: number): Lane {
  let connection: Promise<HttpConnection> | undefined;
  return {
    async send(request) {
      try {
        connection ??= openHttp(port);
        return await (await connection).send(request);
      } catch {
        connection = undefined;
        await delay(pauseAfterFailureMs);
        return undefined;
      }
    },
    close: () => void connection?.then((open) => open.close()).catch(() => undefined),
  };
}

/** Makes a lane to one of the session services. */
export function openSessionLane({ stage, random }: Pick<World, 'stage' | 'random'>): Lane {
  return openLane(random.pick(stage.sessions).port);
}

/** Sends a request and hangs up after `patienceMs`, so that its answer is lost. */
export async function sendAndHangUp(port: number, request: Buffer, patienceMs: number): Promise<void> {
  const connection = await openHttp(port).catch(() => undefined);
  if (connection === undefined) return;
  const answered = connection.send(request).catch(() => undefined);
  await delay(patienceMs);
  connection.close();
  await answered;
}

/** The `data` of an answer with status 200 or 201. */
export function dataOf<T>({ body }: HttpAnswer): T {
  return (JSON.parse(body) as { data: T }).data;
}
