import { createInvitation, listInvitations, takeInvitation } from '../../core/accounts/invitations.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../context.ts';
import { table, toUtc, type Answer } from '../output.ts';
import { assertKnownRoles } from './known-roles.ts';

/** What `invitation create` takes. */
export interface InvitationOptions {
  email?: string;
  role?: string[];
  /** In s. */
  validFor: number;
}

/** A week. */
export const defaultLifeSeconds = 604_800;

/** Makes an invitation and shows its token, this once; nothing is mailed. */
export async function create(
  { store, actor, tell }: CommandContext,
  { email = '', role: roles = ['user'], validFor: validForSeconds }: InvitationOptions,
): Promise<Answer> {
  await assertKnownRoles(store, roles);
  const offer = { email, roles, language: 'en', validForSeconds, actor };
  const { invitation, token } = await createInvitation(store, offer);
  tell('invitation-created', { reason: roles.join(' ') });
  const { id, untilMs } = invitation;
  const lines = [
    `Invitation ${id}, until ${toUtc(untilMs)}, for ${email || 'whoever has it'}.`,
    `Its token, shown only now: ${token}`,
  ];
  return { json: { id, email, roles, untilMs, token }, text: lines.join('\n') };
}

/** The invitations that nobody has used yet, the one that ends first first. */
export async function listOpen({ store }: CommandContext): Promise<Answer> {
  const invitations = await listInvitations(store);
  const rows = invitations.map(({ id, email, roles, actor, untilMs }) => [
    ...[id, toUtc(untilMs), email, roles.join(', '), actor],
  ]);
  const text = rows.length === 0 ? 'There is no open invitation.' : table(header, rows);
  return { json: invitations, text };
}

/** Takes an invitation back. */
export async function revoke({ store, tell }: CommandContext, id: string): Promise<Answer> {
  const isForm = /^[A-Za-z0-9_-]{43}$/.test(id);
  if (!isForm || !(await takeInvitation(store, id))) throw new CliError(`there is no invitation ${id}`);
  tell('invitation-revoked', { reason: id.slice(0, 8) });
  return { json: { id }, text: `Took invitation ${id} back.` };
}

const header = ['ID', 'UNTIL', 'EMAIL', 'ROLES', 'BY'];
