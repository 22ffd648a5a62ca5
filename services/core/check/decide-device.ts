import { isSameKeyHash } from '../devices/device-key.ts';
import { deviceIdOfClientId, isDeviceId } from '../ids.ts';
import type { ConnectNames } from './decide-connect.ts';
import type { DeviceCheckFacts, DeviceFacts } from './read-device-facts.ts';
import { deny, type Denial } from './reasons.ts';

/** A device that may talk MQTT now. */
export interface GrantedDevice {
  readonly granted: true;
  readonly device: DeviceFacts;
}

const namePrefix = 'd:';

/** The epoch of a device whose first keys are still good: a connection that was not noted can't have used a void one. */
const firstEpoch = '0';

/** Whether a username is of the form that devices use; no account name holds a colon. */
export function isDeviceName(username: string): boolean {
  return username.startsWith(namePrefix);
}

/** The device that a check is about, by its names alone, or why there can't be one. */
export function findCheckedDevice({
  username,
  clientId,
}: ConnectNames): { granted: true; deviceId: string } | Denial {
  const deviceId = username.slice(namePrefix.length);
  if (!isDeviceId(deviceId)) return deny('username-malformed');
  return deviceIdOfClientId(clientId) === deviceId
    ? { granted: true, deviceId }
    : deny('client-id-of-other-device');
}

/** Decides a CONNECT by a device key, given as its SHA-256: the device's state, then the key by Redis' clock. */
export function decideDeviceConnect(facts: DeviceCheckFacts, keyHash: string): GrantedDevice | Denial {
  const decision = decideDeviceState(facts);
  if (!decision.granted || isSameKeyHash(keyHash, decision.device.keyHash)) return decision;
  const { previousKeyHash, previousKeyUntilMs } = decision.device;
  if (!isSameKeyHash(keyHash, previousKeyHash)) return deny('device-key-wrong');
  return facts.nowMs < previousKeyUntilMs ? decision : deny('device-key-replaced');
}

/** Decides whether a device may talk MQTT now on the connection that it has. */
export function decideDevice(facts: DeviceCheckFacts): GrantedDevice | Denial {
  const decision = decideDeviceState(facts);
  if (!decision.granted) return decision;
  const { connectedEpoch = firstEpoch } = facts;
  return connectedEpoch === decision.device.epoch ? decision : deny('device-connection-void');
}

/** When decideDevice stops to grant by facts that stay as they are: never, as each end of a device is an event. */
export function deviceGrantedUntilMs(): number {
  return Infinity;
}

function decideDeviceState({ device, isOfSession }: DeviceCheckFacts): GrantedDevice | Denial {
  if (isOfSession) return deny('client-id-of-session');
  if (device === undefined) return deny('device-unknown');
  if (device.state === 'deleted') return deny('device-deleted');
  return device.state === 'active' ? { granted: true, device } : deny('device-disabled');
}
