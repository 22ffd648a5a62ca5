import { randomBytes } from 'node:crypto';
import { isId, isUsername, partitionOf } from '../ids.ts';

/** Clocks of the signer and of Redis may differ by this much (facts: leeway). */
export const leewaySeconds = 5;

/** Claims of an access token (RFC 9068 2.2); times in seconds. */
export interface AccessTokenClaims {
  iss: string;
  aud: string;
  sub: string;
  sid: string;
  /** `<generation>.<128 random bits>`: which generation of the session it was minted for. */
  jti: string;
  iat: number;
  exp: number;
  username: string;
  role: string;
  permissions: string[];
  /** When and how its person signed in or stepped up (RFC 9068 2.2.1); a renewal leaves both as they are. */
  auth_time: number;
  amr: string[];
}

/** What a token of ours says once signature and shape are right; its time and its session are checked apart. */
export interface PresentedToken {
  uid: string;
  sid: string;
  username: string;
  jti: string;
  generation: number;
  issuedAtSeconds: number;
  expiresAtSeconds: number;
  /** Whether its dialect lets it renew its own session: the claim `renewable`. */
  isRenewable?: boolean;
}

/** The session facts that a new access token is made from. */
export interface TokenSubject {
  uid: string;
  sid: string;
  username: string;
  roles: readonly string[];
  permissions: readonly string[];
  generation: number;
  nowMs: number;
  accessUntilMs: number;
  authTimeSeconds: number;
  amr: readonly string[];
}

/** Builds the claims of a fresh access token; `exp` is the session's access time, never beyond its absolute life. */
export function accessTokenClaims(
  subject: TokenSubject,
  party: { issuer: string; audience: string },
): AccessTokenClaims {
  return {
    iss: party.issuer,
    aud: party.audience,
    sub: subject.uid,
    sid: subject.sid,
    jti: `${subject.generation}.${randomBytes(16).toString('base64url')}`,
    iat: Math.floor(subject.nowMs / 1000),
    exp: Math.floor(subject.accessUntilMs / 1000),
    username: subject.username,
    role: subject.roles[0] ?? 'user',
    permissions: [...subject.permissions],
    auth_time: subject.authTimeSeconds,
    amr: [...subject.amr],
  };
}

/** The facts of a payload whose signature, issuer and audience are right, or undefined if its shape is not ours. */
export function readClaims(payload: unknown): PresentedToken | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const { sub, sid, jti, iat, exp, username, renewable, nbf = iat } = payload as Record<string, unknown>;
  if (typeof sub !== 'string' || typeof sid !== 'string' || !isId(sub) || !isId(sid)) return undefined;
  if (partitionOf(sub) !== partitionOf(sid)) return undefined;
  if (typeof username !== 'string' || !isUsername(username) || typeof jti !== 'string') return undefined;
  if (!isSeconds(iat) || !isSeconds(exp) || !isSeconds(nbf)) return undefined;
  const generation = Number(/^([1-9][0-9]{0,14})\./.exec(jti)?.[1]);
  if (!Number.isSafeInteger(generation)) return undefined;
  return {
    ...{ uid: sub, sid, username, jti, generation },
    issuedAtSeconds: Math.max(iat, nbf),
    expiresAtSeconds: exp,
    isRenewable: renewable === true,
  };
}

/** Whether a token is inside its time, by Redis' clock: never by the clock of the service that asks. */
export function isInTime(token: PresentedToken, nowMs: number): boolean {
  const nowSeconds = nowMs / 1000;
  return (
    nowSeconds < token.expiresAtSeconds + leewaySeconds && token.issuedAtSeconds <= nowSeconds + leewaySeconds
  );
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
