import type { Introspection } from '../../../contract/oauth.ts';
import type { SessionContext } from '../../session-context.ts';
import type { LiveToken } from '../../use-cases/oauth/introspect.ts';

/**
 * The answer about a token (RFC 7662 2.2). A renewal token is for this service alone, and says so: nobody may take its
 * being active for the right to anything else.
 */
export function toIntrospection(
  live: LiveToken | undefined,
  { issuer, audience }: SessionContext['party'],
): Introspection {
  if (!live) return { active: false };
  const { uid, username, sid, roles, authTimeSeconds, amr, idleUntilMs, absoluteUntilMs } = live.session;
  const session = { sub: uid, username, sid, iss: issuer, auth_time: authTimeSeconds, amr };
  if (live.kind === 'renewal') {
    const exp = Math.floor(Math.min(idleUntilMs, absoluteUntilMs) / 1000);
    return { active: true, token_type: 'refresh_token', ...session, aud: issuer, exp };
  }
  const { token, permissions } = live;
  return {
    active: true,
    token_type: 'Bearer',
    ...session,
    ...(permissions.length > 0 && { scope: permissions.join(' ') }),
    aud: audience,
    exp: token.expiresAtSeconds,
    iat: token.issuedAtSeconds,
    jti: token.jti,
    role: roles[0] ?? 'user',
  };
}
