import { oauthClientsKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { toMs } from '../redis/time.ts';
import { hashClientSecret, newClientSecret } from './client-secret.ts';

/** What a client can be allowed to do; each is one endpoint. */
export const clientPermissions = ['introspect', 'revoke'] as const;
export type ClientPermission = (typeof clientPermissions)[number];

/** Another service that may ask about tokens, or revoke them. */
export interface OauthClient {
  id: string;
  label: string;
  permissions: ClientPermission[];
  secretHash: string;
  /** The secret before a rotation, while both work. */
  previousSecretHash?: string;
  previousUntilMs?: number;
  createdAtMs: number;
  secretChangedAtMs: number;
  /** Who created it. */
  actor: string;
}

/** What a client is created from. */
export type NewClient = Pick<OauthClient, 'id' | 'label' | 'permissions' | 'actor'>;

const idPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** Whether a text can be the id of a client. */
export function isClientId(text: string): boolean {
  return idPattern.test(text);
}

/** A client with Redis' clock, in one round trip; undefined if there is none of that id. */
export async function findClient(
  store: Store,
  id: string,
): Promise<{ client: OauthClient | undefined; nowMs: number }> {
  const [stored, time] = await Promise.all([store.redis.hget(oauthClientsKey, id), store.redis.time()]);
  return { client: parse(stored), nowMs: toMs(time as [number, number]) };
}

/** All clients, by id. */
export async function listClients(store: Store): Promise<OauthClient[]> {
  const stored = Object.values(await store.redis.hgetall(oauthClientsKey));
  return stored.map((text) => JSON.parse(text) as OauthClient).sort((a, b) => a.id.localeCompare(b.id, 'en'));
}

/** Creates a client and returns its secret, this once; undefined if the id is taken. */
export async function createClient(store: Store, client: NewClient): Promise<string | undefined> {
  const secret = newClientSecret();
  const nowMs = toMs((await store.redis.time()) as [number, number]);
  const times = { createdAtMs: nowMs, secretChangedAtMs: nowMs };
  const isCreated = await replace(store, client.id, '', {
    ...client,
    ...times,
    secretHash: hashClientSecret(secret),
  });
  return isCreated ? secret : undefined;
}

/**
 * Gives a client a new secret and returns it, this once; the one before works on for `overlapSeconds`, and one before
 * that no more. Undefined if there is no such client. Somebody who changes it at the same time makes this start over.
 */
export async function rotateClientSecret(
  store: Store,
  id: string,
  overlapSeconds: number,
): Promise<string | undefined> {
  const secret = newClientSecret();
  for (;;) {
    const stored = await store.redis.hget(oauthClientsKey, id);
    const client = parse(stored);
    if (!client || stored === null) return undefined;
    const nowMs = toMs((await store.redis.time()) as [number, number]);
    const { previousSecretHash: _void, previousUntilMs: _past, secretHash, ...rest } = client;
    const next = { ...rest, secretHash: hashClientSecret(secret), secretChangedAtMs: nowMs };
    const previous = { previousSecretHash: secretHash, previousUntilMs: nowMs + overlapSeconds * 1000 };
    if (await replace(store, id, stored, overlapSeconds > 0 ? { ...next, ...previous } : next)) return secret;
  }
}

/** Deletes a client: its next request is refused. False if there was none, which is confirmed as well. */
export async function deleteClient(store: Store, id: string): Promise<boolean> {
  for (;;) {
    const stored = await store.redis.hget(oauthClientsKey, id);
    if (stored === null) {
      await store.confirmDurable(oauthClientsKey);
      return false;
    }
    if (await replace(store, id, stored, undefined)) return true;
  }
}

async function replace(
  store: Store,
  id: string,
  expected: string,
  next: OauthClient | undefined,
): Promise<boolean> {
  const text = next === undefined ? '' : JSON.stringify(next);
  const [outcome] = await store.run('oauth-client-replace', [oauthClientsKey], [id, expected, text]);
  if (outcome === 'replaced') await store.confirmDurable();
  return outcome === 'replaced';
}

function parse(stored: string | null): OauthClient | undefined {
  return stored === null ? undefined : (JSON.parse(stored) as OauthClient);
}
