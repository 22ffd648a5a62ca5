import { findAccount, type Account } from '../../core/accounts/account.ts';
import type { ErrorCode } from '../../contract/error-codes.ts';
import { BednetError } from '../../core/errors.ts';
import { lacksSecondFactor } from '../../core/accounts/permissions.ts';
import { readRolesInForce } from '../../core/rules/roles-in-force.ts';
import { findEnding } from '../../core/sessions/ending.ts';
import { renewSession, type Renewal } from '../../core/sessions/renew-session.ts';
import { revokeSession } from '../../core/sessions/revoke-sessions.ts';
import { findSession, type LiveSession } from '../../core/sessions/session.ts';
import { readRenewalToken, type RenewalTokenContent } from '../../core/tokens/renewal-token.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { assertTurn } from './check-secret.ts';

type Refusal = Extract<Renewal, { outcome: 'refused' }>['reason'];

const codeOfRefusal: Record<Refusal, ErrorCode> = {
  unknown: 'AUTH_SESSION_EXPIRED',
  idle: 'AUTH_SESSION_EXPIRED',
  absolute: 'AUTH_SESSION_EXPIRED',
  revoked: 'AUTH_TOKEN_REVOKED',
  'not-issued': 'AUTH_INVALID_TOKEN',
};

/**
 * Renews by renewal token (design: renewal table). Throws AUTH_INVALID_TOKEN for a forged, reused or never issued one,
 * AUTH_TOKEN_REVOKED, AUTH_SESSION_EXPIRED, RATE_LIMIT_EXCEEDED. A reuse has ended the session before this throws.
 */
export async function renew(
  context: SessionContext,
  renewalToken: string,
  caller: Caller,
): Promise<{ account: Account; session: LiveSession }> {
  const token = readRenewalToken(renewalToken, context.renewalKeys);
  if (!token) throw refuse(caller, 'AUTH_INVALID_TOKEN', { reason: 'forged' });
  return renewGeneration(context, token, caller);
}

/** Renews a session by one of its generations, however the caller proved to hold it; else as renew. */
export async function renewGeneration(
  context: SessionContext,
  token: RenewalTokenContent,
  caller: Caller,
): Promise<{ account: Account; session: LiveSession }> {
  const { store, lives } = context;
  const { sid } = token;
  // Sent together, so that one write to Redis' disk serves both: a rotation that is then not answered can be repeated.
  const [turn, renewal] = await Promise.all([
    context.guesses.takeRequest('refresh', caller.ip),
    renewSession(store, token, lives),
  ]);
  if (renewal.outcome !== 'reuse') assertTurn(turn, 'refresh', caller);
  switch (renewal.outcome) {
    case 'reuse':
      caller.tell('renewal-reuse', { ...(await ownerOf(context, sid)), sid, reason: renewal.case });
      throw new BednetError('AUTH_INVALID_TOKEN');
    case 'refused':
      caller.tell('renewal-refused', { sid, reason: renewal.reason });
      throw new BednetError(codeOfRefusal[renewal.reason], { ended: await findEnding(store, sid) });
    case 'rotated':
    case 'repeated': {
      const { session } = renewal;
      await endIfFactorIsMissing(context, session, caller);
      const account = await findAccount(store, session.uid);
      if (!account) throw refuse(caller, 'AUTH_TOKEN_REVOKED', { sid, reason: 'account-deleted' });
      caller.tell('session-renewed', { uid: session.uid, sid, reason: renewal.outcome });
      return { account, session };
    }
  }
}

/** Ends a session that was opened without the second factor which a role demands by now; throws AUTH_SESSION_EXPIRED. */
async function endIfFactorIsMissing(
  { store, rules }: SessionContext,
  session: LiveSession,
  caller: Caller,
): Promise<void> {
  if (!lacksSecondFactor(session, await readRolesInForce(store, rules))) return;
  const { uid, sid } = session;
  const reason = 'second-factor-missing';
  await revokeSession(store, sid, { uid, reason, actor: 'system' });
  throw refuse(caller, 'AUTH_SESSION_EXPIRED', { sid, reason });
}

/** For the audit: a reuse concerns the owner. */
async function ownerOf({ store }: SessionContext, sid: string): Promise<{ uid?: string }> {
  const session = await findSession(store, sid);
  return session ? { uid: session.uid } : {};
}

function refuse(caller: Caller, code: ErrorCode, details: { sid?: string; reason: string }): BednetError {
  caller.tell('renewal-refused', details);
  return new BednetError(code);
}
