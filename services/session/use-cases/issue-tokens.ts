import { permissionsOf } from '../../core/accounts/permissions.ts';
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
}

/** Mints the current pair of a session. Only the access token differs when this is called twice. */
export function issueTokens(context: SessionContext, session: LiveSession): TokenPair {
  const [renewalKey] = context.renewalKeys;
  if (!renewalKey) throw new TypeError('there is no renewal key');
  const claims = accessTokenClaims({ ...session, permissions: permissionsOf(session.roles) }, context.party);
  return {
    sid: session.sid,
    username: session.username,
    accessToken: context.signAccessToken(claims),
    renewalToken: issueRenewalToken(session, renewalKey),
    accessExpiresInSeconds: claims.exp - claims.iat,
    renewalExpiresInSeconds: Math.floor((session.idleUntilMs - session.nowMs) / 1000),
  };
}
