import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { PasswordHasher } from '../core/passwords/hasher.ts';
import type { Store } from '../core/redis/store.ts';
import type { SessionLives } from '../core/sessions/session.ts';
import type { AccessTokenClaims } from '../core/tokens/access-token-claims.ts';
import type { RenewalKey } from '../core/tokens/renewal-token.ts';

/** A word that passwords must not lean on. */
export const productName = 'bednet';

/** What the use cases work with. */
export interface SessionContext {
  store: Store;
  hasher: PasswordHasher;
  lives: SessionLives;
  renewalKeys: readonly RenewalKey[];
  passwordMinLength: number;
  party: { issuer: string; audience: string };
  signAccessToken(claims: AccessTokenClaims): string;
}

/** Facts about sessions that the log tells, one event each (ASVS 16.3.1). */
export type FactName =
  | 'account-registered'
  | 'registration-refused'
  | 'sign-in'
  | 'sign-in-failed'
  | 'session-renewed'
  | 'renewal-refused'
  | 'renewal-reuse'
  | 'session-ended'
  | 'other-sessions-ended'
  | 'password-changed'
  | 'password-change-failed'
  | 'access-refused';

/** Who calls: what a session remembers of its sign-in, and where facts about the call go. */
export interface Caller {
  ip: string;
  userAgent: string;
  tell(event: FactName, details?: { uid?: string; sid?: string; reason?: string; count?: number }): void;
}

const alarming: readonly FactName[] = ['renewal-reuse'];

/** The caller behind a request. Ids are shortened in the log; names that failed to sign in are not logged at all. */
export function callerOf(request: FastifyRequest): Caller {
  const { log } = request;
  const ip = isIP(request.ip) ? request.ip : 'unknown';
  return {
    ip,
    userAgent: printable(request.headers['user-agent'] ?? ''),
    tell(event, { uid, sid, ...details } = {}) {
      const fact = {
        event,
        ip,
        ...(uid && { uid: shorten(uid) }),
        ...(sid && { sid: shorten(sid) }),
        ...details,
      };
      if (alarming.includes(event)) log.warn(fact, event);
      else log.info(fact, event);
    },
  };
}

function shorten(id: string): string {
  return `${id.slice(0, 8)}…`;
}

/** Header bytes outside printable ASCII have no agreed meaning and could do harm on somebody's screen. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
