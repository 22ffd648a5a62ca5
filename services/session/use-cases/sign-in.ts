import { findAccount, findPasswordHash, findUidByLogin, type Account } from '../../core/accounts/account.ts';
import { replaceRehashed } from '../../core/accounts/change-password.ts';
import { BednetError } from '../../core/errors.ts';
import { newUid } from '../../core/ids.ts';
import { assertHashablePassword } from '../../core/passwords/policy.ts';
import { createSession } from '../../core/sessions/create-session.ts';
import type { LiveSession } from '../../core/sessions/session.ts';
import type { Caller, SessionContext } from '../session-context.ts';

/** What somebody presents to sign in. */
export interface Credentials {
  /** A username in any case, or an e-mail address. */
  login: string;
  password: string;
}

/** A fresh session with its account. */
export interface SignedInAccount {
  account: Account;
  session: LiveSession;
}

/**
 * Signs in by password. Unknown, wrong and disabled cost the same work and throw the same AUTH_INVALID_CREDENTIALS;
 * SYS_BUSY when too many passwords are being hashed.
 */
export async function signIn(
  context: SessionContext,
  credentials: Credentials,
  caller: Caller,
): Promise<SignedInAccount> {
  const { store, hasher, lives } = context;
  const { login, password } = credentials;
  assertHashablePassword(password, 'password');
  const found = await findCredentials(context, login);
  const fits = await hasher.verify(password, found.passwordHash);

  const refusal = refusalOf(found.account, fits);
  if (!found.account || refusal) throw refuse(caller, refusal ?? 'unknown', found.account?.uid);
  const { account, passwordHash = '' } = found;
  const { uid, epoch } = account;
  if (hasher.needsRehash(passwordHash)) {
    await replaceRehashed(store, { uid, checkedHash: passwordHash, newHash: await hasher.hash(password) });
  }
  const { ip, userAgent } = caller;
  const session = await createSession(store, { uid, epoch, amr: ['pwd'], ip, userAgent }, lives);
  if (!session) throw refuse(caller, 'changed-meanwhile', uid);
  caller.tell('sign-in', { uid, sid: session.sid });
  return { account, session };
}

/** Asks Redis the same questions whether the name is known or not. */
async function findCredentials({ store }: SessionContext, login: string) {
  const uid = (await findUidByLogin(store, login)) ?? newUid();
  const [account, passwordHash] = await Promise.all([findAccount(store, uid), findPasswordHash(store, uid)]);
  return { account, passwordHash };
}

function refusalOf(account: Account | undefined, fits: boolean): string | undefined {
  if (!account) return 'unknown';
  if (!fits) return 'password';
  return account.state === 'active' ? undefined : 'disabled';
}

function refuse(caller: Caller, reason: string, uid: string | undefined): BednetError {
  caller.tell('sign-in-failed', { reason, ...(uid && { uid }) });
  return new BednetError('AUTH_INVALID_CREDENTIALS');
}
