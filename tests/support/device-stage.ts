import type { Test } from 'tap';
import type { Role, Rule } from '../../services/core/acl/rules.ts';
import { deleteDevice, disableDevice, rotateDeviceKey } from '../../services/core/devices/change-device.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { addDevice, type KeyedDevice } from './devices.ts';
import { openClient, signIn, type RawClient, type SignIn } from './mqtt-outcomes.ts';
import type { TestStackOptions } from './stack.ts';
import { startWebhookStage, type WebhookStage } from './webhook-service.ts';

type ClientOptions = Partial<Omit<SignIn, 'port'>>;

/** Redis, webhook service and a real broker, whose devices may all use `room/#` beside their own topics. */
export interface DeviceStage extends WebhookStage {
  add(device?: Parameters<typeof addDevice>[1]): Promise<KeyedDevice>;
  /** Connects as a device; throws unless it is granted. */
  connectDevice(device: KeyedDevice, options?: ClientOptions): Promise<RawClient>;
  /** Sends the CONNECT of a device; the first event is the broker's answer. */
  knockAsDevice(device: KeyedDevice, options?: ClientOptions): RawClient;
  disableDevice(device: KeyedDevice): Promise<boolean>;
  deleteDevice(device: KeyedDevice): Promise<boolean>;
  /** The device with its new key. */
  rotate(device: KeyedDevice, overlapSeconds: number): Promise<KeyedDevice>;
}

const access = ['read', 'write', 'subscribe'] as const;
const room: Rule = { effect: 'allow', access, filter: 'room/#' };
const roleFor = (own: string): Role => ({
  permissions: [],
  rules: [{ effect: 'allow', access, filter: own }, room],
});

/** Starts Redis, the webhook service and Mosquitto with our plugin for `t`. */
export async function startDeviceStage(t: Test, options: TestStackOptions = {}): Promise<DeviceStage> {
  const stage = await startWebhookStage(t, { parts: ['redis', 'webhook', 'mosquitto'], ...options });
  const { store } = stage;
  const roles = { user: roleFor('users/%u/#'), device: roleFor('devices/%d/#') };
  await replaceRules(store, { version: '0', roles }, { actor: 'test' });
  const asked = ({ username, key, clientId }: KeyedDevice, more: ClientOptions = {}): SignIn => ({
    ...{ port: stage.stack.ports.mqtt, clientId, username, password: key },
    ...more,
  });
  const by = { reason: 'test', actor: 'operator' };
  return {
    ...stage,
    add: (device) => addDevice(store, device),
    connectDevice: (device, more) => signIn(asked(device, more)),
    knockAsDevice: (device, more) => openClient(asked(device, more)),
    disableDevice: ({ id }) => disableDevice(store, { id, ...by }),
    deleteDevice: ({ id }) => deleteDevice(store, { id, ...by }),
    rotate: async (device, overlapSeconds) => {
      const rotation = await rotateDeviceKey(store, { id: device.id, overlapSeconds, actor: 'operator' });
      if (rotation.outcome !== 'rotated') throw new Error(rotation.outcome);
      return { ...device, key: rotation.key };
    },
  };
}
