import { permissionsOf } from '../../core/accounts/permissions.ts';
import { readRolesInForce } from '../../core/rules/roles-in-force.ts';
import type { LiveSession } from '../../core/sessions/session.ts';
import { accessTokenClaims } from '../../core/tokens/access-token-claims.ts';
import { issueRenewalToken } from '../../core/tokens/renewal-token.ts';
import type { SessionContext } from '../session-context.ts';

/** A pair of tokens with what the client needs to know about its lives. */
export interface TokenPair {
  sid: string;
  username: string;
  accessToken: string;
  renewalToken: string;
  accessExpiresInSeconds: number;
  renewalExpiresInSeconds: number;
  /** What the roles of the account permit by the rules in force now. */
  permissions: readonly string[];
}

/**
 * Mints the current pair of a session. Only the access token differs when this is called twice. `furtherClaims` are for
 * clients that read their access token, and for the dialect that set them; no other part of ours heeds them.
 */
export async function issueTokens(
  context: SessionContext,
  session: LiveSession,
  furtherClaims: Readonly<Record<string, unknown>> = {},
): Promise<TokenPair> {
  const [renewalKey] = context.renewalKeys;
  if (!renewalKey) throw new TypeError('there is no renewal key');
  const permissions = permissionsOf(session.roles, await readRolesInForce(context.store, context.rules));
  const claims = accessTokenClaims({ ...session, permissions }, context.party);
  return {
    sid: session.sid,
    username: session.username,
    accessToken: context.signAccessToken({ ...furtherClaims, ...claims }),
    renewalToken: issueRenewalToken(session, renewalKey),
    accessExpiresInSeconds: claims.exp - claims.iat,
    permissions,
    renewalExpiresInSeconds: Math.floor((session.idleUntilMs - session.nowMs) / 1000),
  };
}
