import type { CheckSources } from './check-acl.ts';
import { findCheckedOwner } from './decide-acl-check.ts';
import type { ConnectNames } from './decide-connect.ts';
import { decideDevice } from './decide-device.ts';
import { decideSessionByRules } from './decide-session.ts';
import { readDeviceFacts } from './read-device-facts.ts';
import { readFacts } from './read-facts.ts';
import type { Denial } from './reasons.ts';

/**
 * Whether a session or device may talk MQTT now, whatever the topic: for brokers that ask about things which are no
 * topics. Throws when Redis doesn't answer.
 */
export async function checkLive(
  { store, rules }: CheckSources,
  { username, clientId }: ConnectNames,
): Promise<{ readonly granted: true } | Denial> {
  const checked = findCheckedOwner({ username, clientId });
  if (!checked.granted) return checked;
  const live = 'sid' in checked ? await decideBySession(checked.sid) : await decideByDevice(checked.deviceId);
  return live.granted ? { granted: true } : live;

  async function decideBySession(sid: string) {
    const facts = await readFacts(store, sid);
    return decideSessionByRules(username, facts, await rules.get(facts.rulesVersion));
  }

  async function decideByDevice(deviceId: string) {
    return decideDevice(await readDeviceFacts(store, { deviceId, clientId }));
  }
}
