import { takeInvitation, type Invitation, type NewInvitation } from '../../../core/accounts/invitations.ts';
import { BednetError } from '../../../core/errors.ts';
import type { SessionContext } from '../../session-context.ts';
import { invite } from '../invite.ts';
import { assertMayGive, tell, type Admin } from './admin.ts';

/**
 * Invites somebody to make an account. Throws VAL_UNKNOWN_ROLE, AUTH_INSUFFICIENT_PERMISSIONS for roles above the
 * admin's own, and RES_MAIL_IMPOSSIBLE for an address where no mail can be sent.
 */
export async function inviteSomebody(
  context: SessionContext,
  admin: Admin,
  wish: Omit<NewInvitation, 'actor'>,
): Promise<{ invitation: Invitation; token?: string }> {
  await assertMayGive(context, admin, wish.roles);
  if (wish.email !== '' && !context.mailer) throw new BednetError('RES_MAIL_IMPOSSIBLE', { field: 'email' });
  return invite(context, { ...wish, actor: admin.session.uid }, admin.caller);
}

/** Takes an invitation back. Throws RES_NOT_FOUND if there is none (any more). */
export async function revokeInvitation({ store }: SessionContext, admin: Admin, id: string): Promise<void> {
  if (!(await takeInvitation(store, id))) throw new BednetError('RES_NOT_FOUND');
  tell(admin, 'invitation-revoked', { reason: id.slice(0, 8) });
}
