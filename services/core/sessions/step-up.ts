import { sessionKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** Makes a session fresh: `amr` are the methods (RFC 8176) of the new proof. False if the session was ended. */
export async function stepUpSession(store: Store, sid: string, amr: readonly string[]): Promise<boolean> {
  const [outcome] = await store.run('session-step-up', [sessionKey(sid)], [amr.join(','), '']);
  return outcome === 'renewed';
}
