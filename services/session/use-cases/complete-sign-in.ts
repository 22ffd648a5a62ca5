import type { Account } from '../../core/accounts/account.ts';
import { createSession } from '../../core/sessions/create-session.ts';
import type { LiveSession } from '../../core/sessions/session.ts';
import { describeUserAgent } from '../../core/sessions/user-agent.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { livesOf } from './lives-of.ts';
import { tellOwner } from './tell-owner.ts';

/** Whoever has just registered needs no mail about the first sign-in. */
const newAccountMs = 600_000;

/** A sign-in with no step left. */
export interface CompletedSignIn {
  account: Account;
  /** The account's epoch when its password was checked. */
  epoch: string;
  /** Authentication methods (RFC 8176). */
  amr: readonly string[];
  /** False asks for a session that ends after a short idle time, as on somebody else's machine. */
  remember: boolean;
  /** What the client says to know its device by: shown and audited, never a proof of anything. */
  fingerprint?: string | undefined;
  /** Where it began. */
  ip: string;
  userAgent: string;
}

/**
 * Makes the session of a sign-in with no step left, and tells the owner of a network that was not known. Undefined if
 * the account was disabled or its epoch rose since the password was checked.
 */
export async function completeSignIn(
  context: SessionContext,
  signIn: CompletedSignIn,
  caller: Caller,
): Promise<LiveSession | undefined> {
  const { account, epoch, amr, remember, fingerprint, ip, userAgent } = signIn;
  const { uid } = account;
  const { lives, idleSeconds } = await livesOf(context, account, remember);
  const created = { uid, epoch, amr, ip, userAgent, idleSeconds, fingerprint };
  const session = await createSession(context.store, created, lives);
  if (!session) return undefined;
  caller.tell('sign-in', {
    uid,
    sid: session.sid,
    ...(fingerprint && { reason: `fingerprint ${fingerprint}` }),
  });
  await noteNetwork(context, signIn, session, caller);
  return session;
}

async function noteNetwork(
  context: SessionContext,
  { account, ip, userAgent }: CompletedSignIn,
  { uid, sid, nowMs }: LiveSession,
  caller: Caller,
): Promise<void> {
  if (!(await context.guesses.rememberNetwork(uid, ip))) return;
  caller.tell('sign-in-new-network', { uid, sid });
  if (nowMs - account.createdAtMs < newAccountMs) return;
  const { label } = describeUserAgent(userAgent);
  tellOwner(context, account, { kind: 'new-network-sign-in', values: { network: ip, browser: label } });
}
