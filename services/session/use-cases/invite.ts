import { createInvitation, type Invitation, type NewInvitation } from '../../core/accounts/invitations.ts';
import type { Caller, SessionContext } from '../session-context.ts';

/**
 * Invites somebody to make an account. With an address the token is mailed there and told to nobody else, so that
 * using it verifies the address; without one the caller gets it, to hand it on.
 */
export async function invite(
  context: SessionContext,
  offer: NewInvitation,
  caller: Caller,
): Promise<{ invitation: Invitation; token?: string }> {
  const { invitation, token } = await createInvitation(context.store, offer);
  caller.tell('invitation-created', { actor: offer.actor, reason: offer.roles.join(' ') });
  const { email: address, language, validForSeconds } = offer;
  if (address === '') return { invitation, token };
  context.mailer?.send({ kind: 'invitation', to: { address }, language, values: { token, validForSeconds } });
  return { invitation };
}
