import { isId } from '../ids.ts';
import { hasMac, macOf, type RenewalKey } from './renewal-token.ts';

/** What a client may read of its pending sign-in. */
export interface PendingJwtClaims {
  sub: string;
  /** The pending session. */
  sid: string;
  /** When it lapses, in seconds; for the client's eyes, as Redis alone decides. */
  exp: number;
  roles: readonly string[];
}

const type = 'pending+jwt';
const longestToken = 1024;

/**
 * The token of a pending session as a JWT, for clients that read `exp` and `roles` out of it. Its `typ` and its
 * algorithm are none of an access token's, so it is refused wherever one is asked for (RFC 8725 3.11).
 */
export function issuePendingJwt(claims: PendingJwtClaims, key: RenewalKey): string {
  const header = { alg: 'HS256', typ: type, kid: key.kid };
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${macOf(signed, key)}`;
}

/** The claims of a pending JWT that one of `keys` signed, or undefined for anything else. */
export function readPendingJwt(token: string, keys: readonly RenewalKey[]): PendingJwtClaims | undefined {
  const [header, payload, mac, ...rest] = token.length > longestToken ? [] : token.split('.');
  if (!header || !payload || !mac || rest.length > 0) return undefined;
  const key = keys.find(({ kid }) => header === encode({ alg: 'HS256', typ: type, kid }));
  if (!key || !hasMac(`${header}.${payload}`, mac, key)) return undefined;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as PendingJwtClaims;
  return isId(claims.sid) ? claims : undefined;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
