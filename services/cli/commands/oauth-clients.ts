import {
  clientPermissions,
  createClient,
  deleteClient,
  listClients,
  rotateClientSecret,
  type ClientPermission,
} from '../../core/oauth/clients.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../context.ts';
import { table, toUtc, type Answer } from '../output.ts';
import { confirm } from '../terminal.ts';

/** What `oauth-client create` takes beside the id. */
export interface NewClientOptions {
  label?: string;
  allow?: ClientPermission[];
}

/** What `oauth-client rotate-secret` takes beside the id. */
export interface RotationOptions {
  /** How long the old secret still works, in s. */
  overlap: number;
  yes?: true;
}

/** Enough to hand a secret to every instance of a service. */
export const defaultOverlapSeconds = 86_400;

/** Creates a client and shows its secret, this once. */
export async function create(
  { store, actor, tell }: CommandContext,
  id: string,
  { label = '', allow = [...clientPermissions] }: NewClientOptions,
): Promise<Answer> {
  const permissions = [...new Set(allow)];
  const secret = await createClient(store, { id, label, permissions, actor });
  if (secret === undefined) throw new CliError(`there is a client ${id} already`);
  tell('oauth-client-created', { reason: id });
  return {
    json: { id, label, permissions, secret },
    text: `Created client ${id}, which may ${permissions.join(' and ')}.\n${secretLine(secret)}`,
  };
}

/** All clients, without their secrets, which nobody knows. */
export async function listAll({ store }: CommandContext): Promise<Answer> {
  const clients = (await listClients(store)).map(
    ({ secretHash: _secret, previousSecretHash: _previous, ...client }) => client,
  );
  const rows = clients.map((client) => [
    client.id,
    client.label,
    client.permissions.join(', '),
    toUtc(client.createdAtMs),
    toUtc(client.secretChangedAtMs),
    toUtc(client.previousUntilMs ?? 0),
  ]);
  return { json: clients, text: rows.length === 0 ? 'There is no client.' : table(header, rows) };
}

/** Gives a client another secret and shows it, this once. */
export async function rotateSecret(
  { store, tell }: CommandContext,
  id: string,
  { overlap, yes }: RotationOptions,
): Promise<Answer> {
  if (overlap === 0) await confirm(`Void the secret of ${id} at once?`, yes ? { yes } : {});
  const secret = await rotateClientSecret(store, id, overlap);
  if (secret === undefined) throw noClient(id);
  tell('oauth-client-secret-rotated', { reason: id });
  const old = overlap === 0 ? 'is void' : `works for ${overlap} s more`;
  return { json: { id, secret }, text: `The old secret of ${id} ${old}.\n${secretLine(secret)}` };
}

/** Deletes a client: its next request is refused. */
export async function remove(
  { store, tell }: CommandContext,
  id: string,
  options: { yes?: true },
): Promise<Answer> {
  await confirm(`Delete client ${id}?`, options);
  if (!(await deleteClient(store, id))) throw noClient(id);
  tell('oauth-client-deleted', { reason: id });
  return { json: { id, state: 'deleted' }, text: `Deleted client ${id}.` };
}

const header = ['ID', 'LABEL', 'MAY', 'CREATED', 'SECRET SINCE', 'OLD SECRET UNTIL'];

function secretLine(secret: string): string {
  return `Its secret, shown only now: ${secret}`;
}

function noClient(id: string): CliError {
  return new CliError(`there is no client ${id}`);
}
