import { findAccount, type Account } from '../../core/accounts/account.ts';
import { findEmailChange } from '../../core/accounts/email-change.ts';
import { takeLetter } from '../../core/accounts/letter-allowance.ts';
import {
  issueMailedToken,
  mailedTokenSeconds,
  readMailedToken,
  useMailedToken,
} from '../../core/accounts/mailed-token.ts';
import { addressOf, verifyEmail } from '../../core/accounts/verify-email.ts';
import { BednetError } from '../../core/errors.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { findAddressOwner } from './ask-for-reset.ts';
import { confirmEmailChange } from './change-email.ts';
import { limitRequest } from './check-secret.ts';
import { getPendingStep } from './pending-sign-in.ts';
import { sendTo } from './tell-owner.ts';

/** An account and the address that it would like to have. */
export type Applicant = Pick<Account, 'uid' | 'username' | 'language'> & { address: string };

/**
 * Mails a link that verifies an address; if it is another account's, that one's owner is told instead. Neither the work
 * nor any answer tells which of both it was.
 */
export async function mailVerification(context: SessionContext, applicant: Applicant): Promise<void> {
  const { store } = context;
  const { uid, username, language, address } = applicant;
  const owner = await findAddressOwner(store, address);
  const isTaken = owner !== undefined && owner.uid !== uid;
  if (!(await takeLetter(store, isTaken ? 'email-taken' : 'email-verification-link', address))) return;
  const token = await issueMailedToken(store, { purpose: 'verification', uid, address });
  if (isTaken) return sendTo(context, owner, { kind: 'email-taken', values: {} });
  // Without the full name: strangers could write their own message with it.
  const addressee = { username, language, email: address, fullName: '' };
  const values = { username, token, validForSeconds: mailedTokenSeconds.verification };
  sendTo(context, addressee, { kind: 'email-verification-link', values });
}

/** Mails the link of a sign-in that waits for it once more, at most three an hour. Throws as getPendingStep does. */
export async function mailVerificationAgain(
  context: SessionContext,
  tempToken: string,
  caller: Caller,
): Promise<void> {
  await limitRequest(context, 'forgot', caller);
  const { account } = await getPendingStep(context, tempToken, 'email-verification');
  await mailVerification(context, { ...account, address: addressOf(account) });
}

/**
 * Makes an address a verified one by the token that was mailed to it; if it is to become the account's in the place of
 * another one, now it does. Signs nobody in.
 * Throws AUTH_INVALID_TOKEN, also if the address has become another account's meanwhile.
 */
export async function verifyAddress(context: SessionContext, text: string, caller: Caller): Promise<void> {
  const { store } = context;
  const read = readMailedToken(text);
  const change = read && (await findEmailChange(store, read));
  if (change) return confirmEmailChange(context, change, caller);
  const account = read && (await findAccount(store, read.uid));
  if (!account) throw refuse();
  const token = { ...read, purpose: 'verification', address: addressOf(account) } as const;
  if (!(await useMailedToken(store, token))) throw refuse();
  if (!(await verifyEmail(store, account))) throw refuse();
  caller.tell('email-verified', { uid: account.uid });
}

function refuse(): BednetError {
  return new BednetError('AUTH_INVALID_TOKEN', { field: 'token' });
}
