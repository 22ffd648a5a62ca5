import { findAccount, type Account } from '../../core/accounts/account.ts';
import type { ErrorCode } from '../../contract/error-codes.ts';
import { BednetError } from '../../core/errors.ts';
import { renewSession, type Renewal } from '../../core/sessions/renew-session.ts';
import { findSession, type LiveSession } from '../../core/sessions/session.ts';
import { readRenewalToken } from '../../core/tokens/renewal-token.ts';
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
  const { store, lives } = context;
  const token = readRenewalToken(renewalToken, context.renewalKeys);
  if (!token) throw refuse(caller, 'AUTH_INVALID_TOKEN', { reason: 'forged' });
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
      throw refuse(caller, codeOfRefusal[renewal.reason], { sid, reason: renewal.reason });
    case 'rotated':
    case 'repeated': {
      const { session } = renewal;
      const account = await findAccount(store, session.uid);
      if (!account) throw refuse(caller, 'AUTH_TOKEN_REVOKED', { sid, reason: 'account-deleted' });
      caller.tell('session-renewed', { uid: session.uid, sid, reason: renewal.outcome });
      return { account, session };
    }
  }
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
