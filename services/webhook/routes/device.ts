import { decideDeviceConnect, findCheckedDevice } from '../../core/check/decide-device.ts';
import { factsOf } from '../../core/check/facts-source.ts';
import { recordDeviceClientAndReadFacts } from '../../core/check/read-device-facts.ts';
import { deny, type Denial } from '../../core/check/reasons.ts';
import { hashDeviceKey, isDeviceKey } from '../../core/devices/device-key.ts';
import { deviceClientsKey } from '../../core/redis/keys.ts';
import type { UserCheck } from '../contract/read-check.ts';
import { forgetConnection, trimClients } from '../kick/trim-clients.ts';
import type { WebhookContext } from '../webhook-context.ts';

/**
 * Answers the CONNECT of a device: no round trip to Redis for a malformed one, one at most for a wrong one, so that a storm
 * of bad keys writes nothing. A right one is noted by another, which reads the device again: one that is disabled or gets
 * another key in between is denied. It waits for that: checks look for the epoch that is noted.
 */
export async function checkDevice(
  { store, facts: source = factsOf(store) }: WebhookContext,
  { username, clientId, password, connection }: UserCheck,
): Promise<{ readonly granted: true } | Denial> {
  const checked = findCheckedDevice({ username, clientId });
  if (!checked.granted) return checked;
  if (!isDeviceKey(password)) return deny('device-key-malformed');
  const client = { deviceId: checked.deviceId, clientId, connection };
  const keyHash = hashDeviceKey(password);

  const seen = await source.readDeviceFacts(client);
  const decision = decideDeviceConnect(seen, keyHash);
  if (!decision.granted) return decision;
  const rightBy = { epoch: decision.device.epoch, nowMs: seen.nowMs };
  const { facts, clients } = await recordDeviceClientAndReadFacts(store, client, rightBy);
  trimClients(store, deviceClientsKey(checked.deviceId), clients);
  const again = decideDeviceConnect(facts, keyHash);
  if (again.granted) return { granted: true };
  forgetConnection(store, deviceClientsKey(checked.deviceId), client);
  return again;
}
