import type { Stack } from '../../../services/stack/stack.ts';
import type { Row } from '../bench-context.ts';
import type { Group } from '../measurement.ts';
import { startBrokers } from '../systems/broker-contenders.ts';
import { nginxProgram } from '../systems/nginx.ts';
import { makeCast, measureFanOut } from './fan-out.ts';

const windows = [1, 20];
const listenerCounts = [0, 5, 50, 500];

/** QoS 1 publish → PUBACK through the broker, which asks once per publish and once per delivery. */
export const publishRow: Row = {
  name: 'publish',
  programs: nginxProgram,
  async measure(context) {
    await using open = new AsyncDisposableStack();
    const signIn = (stack: Stack) => makeCast(stack, Math.max(...listenerCounts));
    const brokers = await startBrokers(context, { row: 'publish', signIn }, open);
    const groups: Group[] = [];
    for (const count of listenerCounts) {
      groups.push(...(await measureFanOut(context, brokers, { row: 'publish', count, windows })));
    }
    return groups;
  },
};
