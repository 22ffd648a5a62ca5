import { randomBytes } from 'node:crypto';
import { createDevice } from '../../services/core/devices/change-device.ts';
import type { Store } from '../../services/core/redis/store.ts';
import { usedSecrets } from './secret-watch.ts';
import type { Answered, WebhookStage } from './webhook-service.ts';

/** A device with its key; `clientId` is its id. */
export interface KeyedDevice {
  id: string;
  username: string;
  clientId: string;
  key: string;
}

/** Creates a device, with role `device` and a name of its own unless told otherwise. */
export async function addDevice(
  store: Store,
  {
    id = `lamp-${randomBytes(4).toString('hex')}`,
    roles = ['device'],
  }: { id?: string; roles?: string[] } = {},
): Promise<KeyedDevice> {
  const key = await createDevice(store, { id, label: 'a lamp', owner: '', roles, actor: 'test' });
  if (key === undefined) throw new Error(`the device ${id} exists`);
  usedSecrets.note(key, 'device key');
  return { id, username: `d:${id}`, clientId: id, key };
}

/** Asks the webhook whether a device may connect. */
export function askConnect(
  stage: WebhookStage,
  { username, key, clientId }: KeyedDevice,
  change: { username?: string; password?: string; clientid?: string } = {},
): Promise<Answered> {
  return stage.askUser({ username, password: key, clientid: clientId, ...change });
}

/** Asks the webhook for an access to a topic: write (2) on the device's own `x` unless told otherwise. */
export function askTopic(
  stage: WebhookStage,
  { username, clientId, id }: KeyedDevice,
  topic = `devices/${id}/x`,
  acc = 2,
): Promise<Answered> {
  return stage.askAcl({ username, clientid: clientId, topic, acc });
}
