import { createHmac, timingSafeEqual } from 'node:crypto';
import type { PendingSession } from '../../core/pending/pending-session.ts';
import {
  findSecondFactor,
  useBackupTag,
  useTotpCode,
  type SecondFactor,
} from '../../core/second-factor/authenticator.ts';
import { normaliseBackupCode } from '../../core/second-factor/backup-codes.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { checkSecret } from './check-secret.ts';
import type { CodeMethod } from './second-factor-methods.ts';

/** A code that somebody typed, of whichever kind. */
export interface PresentedCode {
  uid: string;
  username: string;
  code: string;
  /** The sign-in that it shall complete; a mailed code counts nowhere else. */
  pending?: PendingSession;
}

/**
 * Authentication methods that a right code stands for (RFC 8176, csv). Mail is another channel and no proof of a
 * device: it never counts as `mfa` (NIST SP 800-63B-4 3.1.3).
 */
export const amrOf: Record<CodeMethod, string> = { totp: 'otp,mfa', 'backup-code': 'otp,mfa', email: 'mca' };

/**
 * Checks a code and uses it up; undefined if it is wrong, was used, or too many were tried. Each kind has its own count
 * of failures (keycloak/keycloak#46164).
 */
export async function checkCode(
  context: SessionContext,
  presented: PresentedCode,
  caller: Caller,
): Promise<CodeMethod | undefined> {
  const { uid } = presented;
  const checks = checksFor(context, presented, caller);
  for (const [method, check] of checks) {
    const secret = { kind: kindOf[method], uid, login: presented.username };
    const { right } = await checkSecret(context, secret, check, caller);
    if (!right) continue;
    caller.tell(method === 'backup-code' ? 'backup-code-used' : 'second-factor-passed', {
      uid,
      reason: method,
    });
    return method;
  }
  const tried = checks.map(([method]) => method).join(' ');
  caller.tell('second-factor-failed', { uid, reason: tried || 'malformed' });
  return undefined;
}

/** What Redis keeps of a mailed code: useless without the key, and for any other sign-in. */
export function mailTagOf({ secondFactor }: SessionContext, sid: string, code: string): string {
  return createHmac('sha256', secondFactor.key).update(`mailed-code:${sid}:${code}`).digest('base64url');
}

const kindOf = { totp: 'second-factor', 'backup-code': 'backup-code', email: 'mail-code' } as const;

/** The kinds that a text can be, by its form. Blanks and dashes don't count. */
function checksFor(
  context: SessionContext,
  { uid, code, pending }: PresentedCode,
  { network }: Caller,
): [CodeMethod, () => Promise<boolean>][] {
  const { store, secondFactor } = context;
  const backupCode = normaliseBackupCode(code);
  if (backupCode !== undefined)
    return [['backup-code', () => useBackupCode(context, uid, backupCode, network)]];
  const digits = code.replaceAll(/[\s-]/g, '');
  if (!/^[0-9]{6}$/.test(digits)) return [];
  const totp = (): Promise<boolean> => useTotpCode(store, uid, digits, secondFactor.key);
  if (!pending?.mailTag || !secondFactor.allowsEmail) return [['totp', totp]];
  return [
    ['email', async () => isSame(mailTagOf(context, pending.sid, digits), pending.mailTag)],
    ['totp', totp],
  ];
}

/** One hash per try, whether or not the account has codes. */
async function useBackupCode(
  { store, hasher }: SessionContext,
  uid: string,
  code: string,
  network: string,
): Promise<boolean> {
  const { backupSalt }: SecondFactor = await findSecondFactor(store, uid);
  const tag = await hasher.tag(code, Buffer.from(backupSalt || uid, 'base64url'), network);
  return (await useBackupTag(store, uid, tag)) !== undefined;
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
