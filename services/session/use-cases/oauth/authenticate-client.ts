import { BednetError } from '../../../core/errors.ts';
import { isSecretOf } from '../../../core/oauth/client-secret.ts';
import {
  findClient,
  isClientId,
  type ClientPermission,
  type OauthClient,
} from '../../../core/oauth/clients.ts';
import type { Caller, SessionContext } from '../../session-context.ts';
import { assertTurn, limitRequest } from '../check-secret.ts';

/** What a client proves itself with. */
export interface ClientCredentials {
  id: string;
  secret: string;
}

/**
 * The client of these credentials, which may do what it asks for. Throws AUTH_CLIENT_INVALID without right ones,
 * AUTH_CLIENT_FORBIDDEN, RATE_LIMIT_EXCEEDED. A secret has 256 bits, so wrong ones slow down nobody but their network:
 * a stranger can't keep a client out.
 */
export async function authenticateClient(
  context: SessionContext,
  credentials: ClientCredentials | undefined,
  permission: ClientPermission,
  caller: Caller,
): Promise<OauthClient> {
  const [turn, client] = await Promise.all([
    context.guesses.takeRequest('introspection', caller.ip),
    credentials && findByCredentials(context, credentials),
  ]);
  assertTurn(turn, 'introspection', caller);
  if (!client) {
    await limitRequest(context, 'client-failure', caller);
    caller.tell('client-refused', { reason: credentials ? 'wrong' : 'missing' });
    throw new BednetError('AUTH_CLIENT_INVALID');
  }
  if (client.permissions.includes(permission)) return client;
  caller.tell('client-refused', { actor: `client:${client.id}`, reason: permission });
  throw new BednetError('AUTH_CLIENT_FORBIDDEN');
}

async function findByCredentials(
  { store }: SessionContext,
  { id, secret }: ClientCredentials,
): Promise<OauthClient | undefined> {
  if (!isClientId(id)) return undefined;
  const { client, nowMs } = await findClient(store, id);
  return isSecretOf(client, secret, nowMs) ? client : undefined;
}
