import { resultsOf } from '../../core/check/pipeline-results.ts';
import { connectionFieldsOf, fieldsOfForgotten } from '../../core/connections/connection.ts';
import type { Store } from '../../core/redis/store.ts';
import { clientsKeyOf } from './client-owner.ts';
import type { Kick } from './kick-client.ts';

/**
 * Forgets the client id of a kicked client and the connections that it had before, as they were `noted`: a broker that was
 * killed reports no end. Of a device, which outlives its connections, remains when it was seen.
 */
export async function forgetClient(
  store: Store,
  { owner, clientId }: Pick<Kick, 'owner' | 'clientId'>,
  noted: Readonly<Record<string, string>>,
): Promise<void> {
  const key = clientsKeyOf(owner);
  const pipeline = store.redis.pipeline().hdel(key, clientId, ...connectionFieldsOf(clientId, noted));
  if ('deviceId' in owner) pipeline.hset(key, fieldsOfForgotten(noted[clientId] ?? ''));
  resultsOf(await pipeline.exec());
}
