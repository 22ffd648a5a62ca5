import { findAccount, findPasswordHash, findUidByLogin, type Account } from '../../core/accounts/account.ts';
import { replaceRehashed } from '../../core/accounts/change-password.ts';
import { BednetError } from '../../core/errors.ts';
import { newUid } from '../../core/ids.ts';
import { assertHashablePassword } from '../../core/passwords/policy.ts';
import { findSecondFactor, type SecondFactor } from '../../core/second-factor/authenticator.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { checkSecret, limitSignIns } from './check-secret.ts';
import { beginSignIn, type SignInResult } from './pending-sign-in.ts';

/** What somebody presents to sign in. */
export interface Credentials {
  /** A username in any case, or an e-mail address. */
  login: string;
  password: string;
  /** False asks for a session that ends after a short idle time. */
  remember: boolean;
  fingerprint?: string | undefined;
  /** The client does each step that is left by a call of its own: see `RightPassword`. */
  stepwise?: boolean | undefined;
}

/**
 * Signs in by password, as far as that goes: steps may be left. Unknown, wrong, disabled and blocked throw the same
 * AUTH_INVALID_CREDENTIALS, the first three at the same cost; RATE_LIMIT_EXCEEDED when the network as a whole has
 * failed too often; SYS_BUSY when too many passwords are being hashed, or the account was signed in to too often.
 */
export async function signIn(
  context: SessionContext,
  { login, password, ...wishes }: Credentials,
  caller: Caller,
): Promise<SignInResult> {
  assertHashablePassword(password, 'password');
  const { account, secondFactor } = await checkCredentials(context, { login, password }, caller);
  await limitSignIns(context, account.uid, caller);
  return beginSignIn(context, { account, secondFactor, ...wishes }, caller);
}

/** The account that a login and a password belong to, by a try that counts. */
async function checkCredentials(
  context: SessionContext,
  { login, password }: Pick<Credentials, 'login' | 'password'>,
  caller: Caller,
): Promise<{ account: Account; secondFactor: SecondFactor }> {
  const { hasher } = context;
  const { account, passwordHash = '', secondFactor } = await findCredentials(context, login);
  let fits = false;
  const check = async () => {
    fits = await hasher.verify(password, passwordHash, caller.network);
    return fits && account?.state === 'active';
  };
  const secret = { kind: 'password', uid: account?.uid, login } as const;
  const result = await checkSecret(context, secret, check, caller);
  if (!result.right && result.reason !== 'wrong') throw new BednetError('AUTH_INVALID_CREDENTIALS');
  if (!account || !result.right) throw refuse(caller, reasonOf(account, fits), account?.uid);
  await renewHash(context, { uid: account.uid, password, passwordHash }, caller);
  return { account, secondFactor };
}

/** Replaces a hash of a lower cost than today's. */
async function renewHash(
  { store, hasher }: SessionContext,
  { uid, password, passwordHash }: { uid: string; password: string; passwordHash: string },
  { network }: Caller,
): Promise<void> {
  if (!hasher.needsRehash(passwordHash)) return;
  const newHash = await hasher.hash(password, network);
  await replaceRehashed(store, { uid, checkedHash: passwordHash, newHash });
}

/** Asks Redis the same questions whether the name is known or not; for the account (its epoch) before its secrets. */
async function findCredentials({ store }: SessionContext, login: string) {
  const uid = (await findUidByLogin(store, login)) ?? newUid();
  const account = await findAccount(store, uid);
  const [passwordHash, secondFactor] = await Promise.all([
    findPasswordHash(store, uid),
    findSecondFactor(store, uid),
  ]);
  return { account, passwordHash, secondFactor };
}

function reasonOf(account: Account | undefined, fits: boolean): string {
  if (!account) return 'unknown';
  return fits ? account.state : 'password';
}

function refuse(caller: Caller, reason: string, uid: string | undefined): BednetError {
  caller.tell('sign-in-failed', { reason, ...(uid && { uid }) });
  return new BednetError('AUTH_INVALID_CREDENTIALS');
}
