import { readTask } from './load-thread.ts';
import type { MqttIdentity } from './mqtt-connection.ts';
import { openPacedPublishers } from './paced-publishers.ts';

/** So many publishes a second, by all together, until the end. */
export interface PublishTask {
  port: number;
  identities: MqttIdentity[];
  perSecond: number;
}

const { task, tell } = readTask<PublishTask>();
const publishers = await openPacedPublishers(task.port, task.identities, task.perSecond);
await publishers.take();
tell.begun();
await tell.untilEnd;
const { measurement } = await publishers.take();
publishers.close();
tell.ended(measurement);
