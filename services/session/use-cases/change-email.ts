import { findAccount, type Account } from '../../core/accounts/account.ts';
import {
  changeEmail,
  emailChangeSeconds,
  issueEmailChange,
  type OpenEmailChange,
} from '../../core/accounts/email-change.ts';
import { takeLetter } from '../../core/accounts/letter-allowance.ts';
import { BednetError } from '../../core/errors.ts';
import { normaliseEmail } from '../../core/redis/keys.ts';
import { findSession, isLive, type Session } from '../../core/sessions/session.ts';
import { isMailAddress } from '../mail/address.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { findAddressOwner } from './ask-for-reset.ts';
import { requireFreshOrProof, type Proof } from './prove-again.ts';
import { sendTo, tellOwner } from './tell-owner.ts';

const anHourSeconds = 3600;

/**
 * Mails a link to the new address, without which nothing changes, and a notice to the old one. That an address is
 * another account's is told to that one's owner only, by mail: not by the answer, the work or the account's activity.
 * At most three times an hour for an account, and for an address. Throws AUTH_STEP_UP_REQUIRED,
 * AUTH_INVALID_CREDENTIALS, AUTH_MFA_REQUIRED, AUTH_MFA_INVALID, VAL_INVALID_FORMAT, RES_MAIL_IMPOSSIBLE where no mail
 * can be sent, RATE_LIMIT_EXCEEDED.
 */
export async function askForEmailChange(
  context: SessionContext,
  session: Session,
  { email, ...proof }: Proof & { email: string },
  caller: Caller,
): Promise<void> {
  const { store } = context;
  const { uid, sid } = session;
  if (!isMailAddress(email)) throw new BednetError('VAL_INVALID_FORMAT', { field: 'email' });
  if (!context.mailer) throw new BednetError('RES_MAIL_IMPOSSIBLE');
  await requireFreshOrProof(context, session, proof, caller);
  const account = await getAccountOfLive(context, session);
  if (!(await takeLetter(store, 'email-change-asked', uid))) {
    throw new BednetError('RATE_LIMIT_EXCEEDED', { retryAfterSeconds: anHourSeconds });
  }
  await mailLink(context, account, email);
  if (normaliseEmail(account.email) !== normaliseEmail(email)) {
    tellOwner(context, account, { kind: 'email-change-asked', values: {} });
  }
  caller.tell('email-change-asked', { uid, sid });
}

/**
 * Makes a confirmed address the account's, and tells the old one. No session ends. Throws AUTH_INVALID_TOKEN, also if
 * the address has become another account's meanwhile.
 */
export async function confirmEmailChange(
  context: SessionContext,
  change: OpenEmailChange,
  caller: Caller,
): Promise<void> {
  const { uid, email, oldEmail } = change;
  const account = await findAccount(context.store, uid);
  const outcome = account ? await changeEmail(context.store, change) : 'void';
  if (!account || outcome === 'void') throw new BednetError('AUTH_INVALID_TOKEN', { field: 'token' });
  if (outcome === 'repeated') return;
  caller.tell('email-changed', { uid });
  if (normaliseEmail(oldEmail) === normaliseEmail(email)) return;
  tellOwner(context, { ...account, email: oldEmail }, { kind: 'email-changed', values: {} });
}

/** Redis gets the same commands whether the address is taken or not. */
async function mailLink(context: SessionContext, account: Account, email: string): Promise<void> {
  const { store } = context;
  const { uid, username, language, epoch, email: oldEmail } = account;
  const owner = await findAddressOwner(store, email);
  const isTaken = owner !== undefined && owner.uid !== uid;
  const isAllowed = await takeLetter(store, isTaken ? 'email-taken' : 'email-change-link', email);
  const token = await issueEmailChange(store, { uid, email, oldEmail, epoch });
  if (!isAllowed) return;
  if (isTaken) return sendTo(context, owner, { kind: 'email-taken', values: {} });
  // Without the full name: the reader may be a stranger, to whom somebody could write a message with it.
  const addressee = { username, language, email, fullName: '' };
  const values = { username, token, validForSeconds: emailChangeSeconds };
  sendTo(context, addressee, { kind: 'email-change-link', values });
}

/**
 * The account, with an epoch from a time when the session was live: who ends all sessions meanwhile voids the change.
 * Throws AUTH_TOKEN_REVOKED.
 */
async function getAccountOfLive({ store }: SessionContext, { uid, sid }: Session): Promise<Account> {
  const account = await findAccount(store, uid);
  const session = await findSession(store, sid);
  if (!account || !session || !isLive(session)) throw new BednetError('AUTH_TOKEN_REVOKED');
  return account;
}
