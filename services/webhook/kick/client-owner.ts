import { decideDevice } from '../../core/check/decide-device.ts';
import type { CheckedOwner } from '../../core/check/decide-acl-check.ts';
import { decideSession } from '../../core/check/decide-session.ts';
import { readDeviceFacts } from '../../core/check/read-device-facts.ts';
import { readFacts } from '../../core/check/read-facts.ts';
import { clientsKey, deviceClientsKey } from '../../core/redis/keys.ts';
import type { Store } from '../../core/redis/store.ts';

/** The key under which the client ids of a session or device are noted. */
export function clientsKeyOf(owner: CheckedOwner): string {
  return 'sid' in owner ? clientsKey(owner.sid) : deviceClientsKey(owner.deviceId);
}

/** Whether a client may talk MQTT now, by the same decision as its checks. */
export async function isLive(store: Store, owner: CheckedOwner, clientId: string): Promise<boolean> {
  if ('deviceId' in owner) {
    return decideDevice(await readDeviceFacts(store, { ...owner, clientId })).granted;
  }
  const facts = await readFacts(store, owner.sid);
  return decideSession(facts.session?.username ?? '', facts).granted;
}
