import { createClient, type ClientPermission } from '../../services/core/oauth/clients.ts';
import type { Store } from '../../services/core/redis/store.ts';
import type { Answer, SessionStage } from './session-service.ts';

/** A client of the OAuth endpoints with its secret. */
export interface TestClient {
  id: string;
  secret: string;
  /** `Authorization` of HTTP Basic. */
  basic: string;
}

let clients = 0;

/** Registers a client as the command line would. */
export async function newClient(
  store: Store,
  permissions: ClientPermission[] = ['introspect', 'revoke'],
): Promise<TestClient> {
  clients += 1;
  const id = `service${clients}`;
  const secret = await createClient(store, { id, label: '', permissions, actor: 'test' });
  if (secret === undefined) throw new Error(`there is a client ${id}`);
  return { id, secret, basic: basicOf(id, secret) };
}

/** HTTP Basic of an id and a secret as they are. */
export function basicOf(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

/** Sends a form to one of the endpoints; a list of pairs may name a parameter twice. */
export function postForm(
  { ask }: Pick<SessionStage, 'ask'>,
  path: string,
  form: Record<string, string> | [string, string][] | string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const raw = typeof form === 'string' ? form : new URLSearchParams(form).toString();
  return ask('POST', path, {
    raw,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
}
