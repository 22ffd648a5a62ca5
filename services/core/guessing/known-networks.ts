import { partitionOf } from '../ids.ts';
import { knownNetworksKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import type { GuessSettings } from './guess-settings.ts';
import { guessKeysOf } from './lift-delays.ts';
import { unreadableNetwork } from './network.ts';

/**
 * Remembers the network of a complete sign-in; true if it was not known before. An unreadable address is never
 * remembered. `nowMs` overrides Redis' clock in tests.
 */
export async function rememberNetwork(
  store: Store,
  { uid, network }: { uid: string; network: string },
  settings: GuessSettings,
  nowMs?: number,
): Promise<boolean> {
  if (network === unreadableNetwork) return true;
  const [outcome] = await store.run(
    'guess-remember-network',
    [keyOf(uid)],
    [network, settings.knownNetworksPerAccount, settings.knownNetworkSeconds, nowMs ?? ''],
  );
  return outcome === 'new';
}

/**
 * Forgets all networks of an account: whoever has signed in with a stolen password is a stranger again. What has failed
 * there counts as failed by a stranger then, so that a new password gives nobody new tries at the second factor.
 */
export async function forgetNetworks(store: Store, uid: string): Promise<void> {
  await store.run('guess-forget-networks', [keyOf(uid), ...guessKeysOf(uid)], []);
}

function keyOf(uid: string): string {
  return knownNetworksKey({ partition: partitionOf(uid), name: uid });
}
