import { randomBytes } from 'node:crypto';
import { findAccount, type Account } from '../../core/accounts/account.ts';
import { BednetError } from '../../core/errors.ts';
import {
  confirmEnrolment,
  findSecondFactor,
  startEnrolment,
  type BackupTags,
} from '../../core/second-factor/authenticator.ts';
import { newBackupCodes } from '../../core/second-factor/backup-codes.ts';
import { newTotpSecret, totpUri } from '../../core/second-factor/totp.ts';
import type { LiveSession, Session } from '../../core/sessions/session.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { amrOf } from './check-code.ts';
import { completeStep, getPendingStep, type SignInResult } from './pending-sign-in.ts';
import { assertOwnCode, requireFreshOrPassword, rotate, type Proof } from './prove-again.ts';
import { isFresh } from './require-fresh.ts';
import { tellOwner } from './tell-owner.ts';

/** A second factor that waits for its first right code; shown once. */
export interface StartedEnrolment {
  secret: string;
  uri: string;
  backupCodes: string[];
}

/**
 * Starts an enrolment, which changes nothing until it is confirmed. It needs a fresh sign-in or the password; where a
 * second factor is on, a password alone is not enough to replace it. Throws AUTH_STEP_UP_REQUIRED,
 * AUTH_INVALID_CREDENTIALS, AUTH_MFA_REQUIRED, AUTH_MFA_INVALID.
 */
export async function enrolSecondFactor(
  context: SessionContext,
  session: Session,
  { password, code, wantsBackupCodes = true }: Proof & { wantsBackupCodes?: boolean },
  caller: Caller,
): Promise<StartedEnrolment> {
  await requireFreshOrPassword(context, session, password, caller);
  const { method } = await findSecondFactor(context.store, session.uid);
  if (method !== 'none' && !isFresh(context, session)) await assertOwnCode(context, session, code, caller);
  return start(context, session, caller, wantsBackupCodes);
}

/** Starts the enrolment that a role demands before there is a session. Throws as `getPendingStep`. */
export async function enrolAtSignIn(
  context: SessionContext,
  tempToken: string,
  caller: Caller,
  wantsBackupCodes = true,
): Promise<StartedEnrolment> {
  const { account } = await getPendingStep(context, tempToken, 'second-factor-setup');
  return start(context, account, caller, wantsBackupCodes);
}

/** Puts the enrolled factor in force, ends all other sessions and rotates this one. Throws AUTH_MFA_INVALID. */
export async function confirmSecondFactor(
  context: SessionContext,
  session: Session,
  code: string,
  caller: Caller,
): Promise<LiveSession> {
  const account = await findAccount(context.store, session.uid);
  if (!account) throw new BednetError('AUTH_TOKEN_REVOKED');
  await confirm(context, account, { code, keepSid: session.sid }, caller);
  return rotate(context, session);
}

/** Puts the enrolled factor in force and goes on with the sign-in that had to wait for it. Throws AUTH_MFA_INVALID. */
export async function confirmAtSignIn(
  context: SessionContext,
  { tempToken, code }: { tempToken: string; code: string },
  caller: Caller,
): Promise<SignInResult> {
  const { pending, account } = await getPendingStep(context, tempToken, 'second-factor-setup');
  await confirm(context, account, { code, keepSid: '' }, caller);
  const passed = { step: 'second-factor-setup', methods: amrOf.totp, isOwnChange: true } as const;
  return completeStep(context, pending.sid, passed, caller);
}

/** Ten fresh backup codes: to be shown, and as they are stored. */
export async function makeBackupCodes(
  { hasher }: SessionContext,
  { network }: Caller,
): Promise<{ codes: string[]; backup: BackupTags }> {
  const codes = newBackupCodes();
  const salt = randomBytes(16); // 128 bits, one for the ten: a try costs one hash.
  const tags: string[] = [];
  for (const code of codes) tags.push(await hasher.tag(code.replaceAll('-', ''), salt, network));
  return { codes, backup: { salt: salt.toString('base64url'), tags } };
}

async function start(
  context: SessionContext,
  { uid, username }: Pick<Account, 'uid' | 'username'>,
  caller: Caller,
  wantsBackupCodes: boolean,
): Promise<StartedEnrolment> {
  const secret = newTotpSecret();
  const { codes, backup } = wantsBackupCodes
    ? await makeBackupCodes(context, caller)
    : { codes: [], backup: { salt: '', tags: [] } };
  await startEnrolment(context.store, { uid, secret, key: context.secondFactor.key, backup });
  const uri = totpUri(secret, { issuer: context.productName, account: username });
  return { secret, uri, backupCodes: codes };
}

async function confirm(
  context: SessionContext,
  account: Account,
  { code, keepSid }: { code: string; keepSid: string },
  caller: Caller,
): Promise<void> {
  const { store, secondFactor } = context;
  const { uid } = account;
  const { method } = await findSecondFactor(store, uid);
  const digits = code.replaceAll(/[\s-]/g, '');
  const details = { uid, ...(keepSid && { sid: keepSid }) };
  if (!(await confirmEnrolment(store, { uid, code: digits, key: secondFactor.key, keepSid }))) {
    caller.tell('second-factor-failed', { ...details, reason: 'enrolment' });
    throw new BednetError('AUTH_MFA_INVALID', { field: 'code' });
  }
  const change = method === 'none' ? 'enabled' : 'replaced';
  caller.tell('second-factor-enabled', { ...details, reason: change });
  tellOwner(context, account, { kind: 'second-factor-changed', values: { change } });
}
