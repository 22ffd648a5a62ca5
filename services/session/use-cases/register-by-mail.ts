import { findInvitation } from '../../core/accounts/invitations.ts';
import { takeLetter } from '../../core/accounts/letter-allowance.ts';
import { keepRegistration, registrationSeconds } from '../../core/accounts/registration.ts';
import { normaliseEmail } from '../../core/redis/keys.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { findAddressOwner } from './ask-for-reset.ts';
import { limitRequest } from './check-secret.ts';
import { sendTo } from './tell-owner.ts';

/** What somebody gives to be mailed a link to an account. */
export interface AskedRegistration {
  email: string;
  /** Token of an invitation. */
  invitation?: string | undefined;
  /** `en`, `ar` or `fr`, for mails. */
  language: string;
  /** How the link carries its token. */
  spell(token: string): string;
}

/**
 * Mails a link with which an account can be made for an address, at most three an hour; if it is an account's already,
 * its owner is told instead. Nothing tells which it was: the work is the same, and nothing comes back.
 * Throws RATE_LIMIT_EXCEEDED to a network that asks too often.
 */
export async function registerByMail(
  context: SessionContext,
  asked: AskedRegistration,
  caller: Caller,
): Promise<void> {
  await limitRequest(context, 'register', caller);
  const { store } = context;
  const { email: address, language } = asked;
  const invitation = await findInvitationId(context, asked);
  if (invitation === undefined) return refuse(caller, 'invitation');
  const owner = await findAddressOwner(store, address);
  const isAllowed = await takeLetter(store, owner ? 'email-taken' : 'registration-link', address);
  if (!isAllowed) return refuse(caller, 'letters');
  const token = await keepRegistration(store, { email: address, language, invitation });
  if (owner) {
    sendTo(context, owner, { kind: 'email-taken', values: {} });
    return refuse(caller, 'email-taken');
  }
  const values = { token: asked.spell(token), validForSeconds: registrationSeconds };
  context.mailer?.send({ kind: 'registration-link', to: { address }, language, values });
}

/** '' where none is needed, undefined where the one that is needed is not good for the address. */
async function findInvitationId(
  { store, accounts }: SessionContext,
  { invitation: token, email }: AskedRegistration,
): Promise<string | undefined> {
  if (accounts.registration === 'off') return undefined;
  const invitation = token === undefined ? undefined : await findInvitation(store, token);
  const isForAddress =
    invitation && (!invitation.email || normaliseEmail(invitation.email) === normaliseEmail(email));
  if (isForAddress) return invitation.id;
  return accounts.registration === 'open' ? '' : undefined;
}

function refuse(caller: Caller, reason: string): void {
  caller.tell('registration-refused', { reason });
}
