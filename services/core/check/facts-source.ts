import type { Store } from '../redis/store.ts';
import { readDeviceFacts, type DeviceCheckFacts, type DeviceClient } from './read-device-facts.ts';
import { readFacts, type Facts } from './read-facts.ts';

/** Facts, and whether they may be older than the check. If so, no change that a revoker waits for is missing. */
export type Sourced<Read> = Read & { readonly mayBeOlder?: true };

/** Where an ACL check finds what it is decided from. */
export interface FactsSource {
  readFacts(sid: string, how?: 'afresh'): Promise<Sourced<Facts>> | Sourced<Facts>;
  readDeviceFacts(
    client: DeviceClient,
    how?: 'afresh',
  ): Promise<Sourced<DeviceCheckFacts>> | Sourced<DeviceCheckFacts>;
}

/** Redis itself. */
export function factsOf(store: Store): FactsSource {
  return {
    readFacts: (sid) => readFacts(store, sid),
    readDeviceFacts: (client) => readDeviceFacts(store, client),
  };
}
