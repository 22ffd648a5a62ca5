import { randomBytes } from 'node:crypto';
import { createAccount } from '../../core/accounts/create-account.ts';
import { findInvitationById, takeInvitation, type Invitation } from '../../core/accounts/invitations.ts';
import {
  findRegistration,
  useRegistration,
  type FoundRegistration,
} from '../../core/accounts/registration.ts';
import { BednetError } from '../../core/errors.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { assertFitPassword } from './fit-password.ts';

/** What the reader of a registration's mail gives. */
export interface RegisteredAccount {
  token: string;
  password: string;
  acceptsTerms: boolean;
}

const defaultRoles = ['user'];

/**
 * Makes the account of a registration whose mail was read, so its address is a verified one. Nobody chose its username: it
 * is `u-` and 80 random bits. Throws, in this order, AUTH_REGISTRATION_CLOSED, VAL_MISSING_FIELD without a password, VAL_PASSWORD_*, VAL_TERMS_NOT_ACCEPTED,
 * AUTH_INVALID_TOKEN; the last also where the address or the invitation was taken meanwhile.
 */
export async function createRegistered(
  context: SessionContext,
  { token, password, acceptsTerms }: RegisteredAccount,
  caller: Caller,
): Promise<void> {
  const { store, accounts, hasher } = context;
  if (accounts.registration === 'off') throw new BednetError('AUTH_REGISTRATION_CLOSED');
  if (password === '') throw new BednetError('VAL_MISSING_FIELD', { field: 'password' });
  const username = `u-${randomBytes(10).toString('hex')}`;
  await assertFitPassword(context, password, { username, roles: defaultRoles }, 'password');
  if (accounts.termsVersion !== '' && !acceptsTerms) throw new BednetError('VAL_TERMS_NOT_ACCEPTED');
  const registration = await findRegistration(store, token);
  if (!registration) throw refuse(caller, 'token');
  const invitation = await getInvitation(context, registration, caller);
  const { email, language } = registration;
  const roles = invitation?.roles ?? defaultRoles;
  await assertFitPassword(context, password, { username, email, roles }, 'password');
  const passwordHash = await hasher.hash(password, caller.network);
  if (!(await useRegistration(store, registration))) throw refuse(caller, 'token used');
  if (invitation && !(await takeInvitation(store, invitation.id))) throw refuse(caller, 'invitation used');
  const creation = await createAccount(store, {
    ...{ username, email, language, roles, passwordHash },
    emailVerified: true,
    termsVersion: accounts.termsVersion,
    actor: invitation?.actor ?? 'registration',
  });
  if (creation.outcome !== 'created') throw refuse(caller, creation.outcome);
  caller.tell('account-registered', { uid: creation.uid });
  if (invitation) caller.tell('invitation-used', { uid: creation.uid, actor: invitation.actor });
}

/** The invitation that the registration came with. */
async function getInvitation(
  { store }: SessionContext,
  { invitation: id }: FoundRegistration,
  caller: Caller,
): Promise<Invitation | undefined> {
  if (id === '') return undefined;
  const invitation = await findInvitationById(store, id);
  if (!invitation) throw refuse(caller, 'invitation');
  return invitation;
}

function refuse(caller: Caller, reason: string): BednetError {
  caller.tell('registration-refused', { reason });
  return new BednetError('AUTH_INVALID_TOKEN', { field: 'token' });
}
