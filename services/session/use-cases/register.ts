import { createAccount, type AccountCreation, type NewAccount } from '../../core/accounts/create-account.ts';
import {
  findInvitation,
  giveInvitationBack,
  takeInvitation,
  type Invitation,
} from '../../core/accounts/invitations.ts';
import { takeLetter } from '../../core/accounts/letter-allowance.ts';
import { BednetError } from '../../core/errors.ts';
import { normaliseEmail } from '../../core/redis/keys.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { findAddressOwner } from './ask-for-reset.ts';
import { limitRequest } from './check-secret.ts';
import { assertFitPassword } from './fit-password.ts';
import { sendTo } from './tell-owner.ts';
import { mailVerification } from './verify-address.ts';

/** What a person gives to get an account. */
export interface Registration {
  username: string;
  email: string;
  fullName: string;
  password: string;
  /** `en`, `ar` or `fr`, for mails. */
  language: string;
  /** Token of an invitation. */
  invitation?: string | undefined;
}

/**
 * Creates an account: with the role `user`, or with those of an invitation. A taken e-mail address looks like success,
 * for only its owner may learn of it, by mail. Where addresses are verified, an account begins without one; whether the
 * address was free then shows nowhere, not even in what a sign-in answers.
 * Throws RES_USERNAME_TAKEN, VAL_PASSWORD_*, AUTH_REGISTRATION_CLOSED, AUTH_INVITATION_INVALID, RATE_LIMIT_EXCEEDED.
 */
export async function register(
  context: SessionContext,
  registration: Registration,
  caller: Caller,
): Promise<void> {
  await limitRequest(context, 'register', caller);
  const invitation = await getInvitation(context, registration, caller);
  const owner = { ...registration, roles: rolesOf(invitation) };
  await assertFitPassword(context, registration.password, owner, 'password');
  const passwordHash = await context.hasher.hash(registration.password, caller.network);
  if (invitation && !(await takeInvitation(context.store, invitation.id)))
    throw badInvitation(caller, 'used');

  const account = toAccount(context, registration, passwordHash, invitation);
  const creation = await createAccount(context.store, account);
  if (creation.outcome === 'username-taken') {
    if (invitation) await giveInvitationBack(context.store, invitation);
    caller.tell('registration-refused', { reason: creation.outcome });
    throw new BednetError('RES_USERNAME_TAKEN', { field: 'username' });
  }
  await mailAbout(context, account, creation);
  if (creation.outcome === 'email-taken')
    return caller.tell('registration-refused', { reason: creation.outcome });
  const { uid } = creation;
  caller.tell('account-registered', { uid });
  if (invitation) caller.tell('invitation-used', { uid, actor: invitation.actor });
}

function toAccount(
  context: SessionContext,
  { username, email, fullName, language }: Registration,
  passwordHash: string,
  invitation: Invitation | undefined,
): NewAccount {
  const isMailed = Boolean(invitation?.email);
  const isOpen = context.accounts.needsVerifiedEmail && !isMailed;
  return {
    ...{ username, fullName, language, passwordHash },
    ...(isOpen ? { unverifiedEmail: email } : { email, emailVerified: isMailed }),
    roles: rolesOf(invitation),
    actor: invitation?.actor ?? 'registration',
  };
}

function rolesOf(invitation: Invitation | undefined): readonly string[] {
  return invitation?.roles ?? ['user'];
}

/** Redis gets the same commands whether the address was free or not. */
async function mailAbout(
  context: SessionContext,
  account: NewAccount,
  creation: Exclude<AccountCreation, { outcome: 'username-taken' }>,
): Promise<void> {
  const { username, language = 'en', email = '', unverifiedEmail } = account;
  if (unverifiedEmail && creation.outcome === 'created') {
    return mailVerification(context, { uid: creation.uid, username, language, address: unverifiedEmail });
  }
  const owner = await findAddressOwner(context.store, email);
  const isTaken = creation.outcome === 'email-taken';
  const isAllowed = await takeLetter(
    context.store,
    isTaken ? 'email-taken' : 'email-verification-link',
    email,
  );
  if (isTaken && owner && isAllowed) sendTo(context, owner, { kind: 'email-taken', values: {} });
}

/** The invitation that came along, if it is one for this address. */
async function getInvitation(
  { store, accounts }: SessionContext,
  { invitation: token, email }: Registration,
  caller: Caller,
): Promise<Invitation | undefined> {
  if (accounts.registration === 'off') throw new BednetError('AUTH_REGISTRATION_CLOSED');
  if (token === undefined) {
    if (accounts.registration === 'open') return undefined;
    throw badInvitation(caller, 'missing');
  }
  const invitation = await findInvitation(store, token);
  if (!invitation) throw badInvitation(caller, 'unknown');
  if (invitation.email && normaliseEmail(invitation.email) !== normaliseEmail(email)) {
    throw badInvitation(caller, 'address');
  }
  return invitation;
}

function badInvitation(caller: Caller, reason: string): BednetError {
  caller.tell('registration-refused', { reason: `invitation ${reason}` });
  return new BednetError('AUTH_INVITATION_INVALID', { field: 'invitation' });
}
