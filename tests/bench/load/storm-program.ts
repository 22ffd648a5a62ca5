import type { MqttConnection, MqttIdentity } from './mqtt-connection.ts';
import { openMqtt } from './mqtt-connection.ts';
import { readTask } from './load-thread.ts';
import { startStopwatch } from './stopwatch.ts';

/** Many clients that all want to connect, so many at once; they stay until the end. */
export interface StormTask {
  port: number;
  identities: MqttIdentity[];
  atOnce: number;
}

const { task, tell } = readTask<StormTask>();
const stopwatch = startStopwatch({ durationMs: Infinity, maxCount: Infinity });
const connections: MqttConnection[] = [];
const waiting = task.identities.values();

async function connectOneByOne(): Promise<void> {
  for (const identity of waiting) {
    const startedMs = performance.now();
    try {
      connections.push(await openMqtt(task.port, identity));
      stopwatch.succeeded(startedMs);
    } catch (error) {
      stopwatch.failed((error as Error).message);
    }
  }
}

tell.begun();
await Promise.all(Array.from({ length: task.atOnce }, connectOneByOne));
const measurement = stopwatch.stop();
tell.done();
await tell.untilEnd;
for (const connection of connections) connection.close();
await Promise.all(connections.map(({ closed }) => closed));
tell.ended(measurement);
