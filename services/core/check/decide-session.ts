import { lacksSecondFactor } from '../accounts/permissions.ts';
import type { BrokenRules, CompiledRules } from '../acl/rules.ts';
import { deny, type Denial } from './reasons.ts';
import type { Facts, SessionFacts } from './read-facts.ts';

/** A session that may talk MQTT now. */
export interface GrantedSession {
  readonly granted: true;
  readonly session: SessionFacts;
}

/** What ends a session by time alone, in the order in which it is looked at. */
const ends = [
  { until: 'absoluteUntilMs', reason: 'session-expired' },
  { until: 'accessUntilMs', reason: 'access-lapsed' },
] as const;

/**
 * Decides whether a session may talk MQTT for `username` now: it exists, belongs to that account (letter case counts),
 * is active with nothing pending, and is inside its absolute life and the life of its newest access token. A time that
 * is missing or no number denies.
 */
export function decideSession(username: string, { session, nowMs }: Facts): GrantedSession | Denial {
  if (session === undefined) return deny('session-unknown');
  if (session.username !== username) return deny('session-username-mismatch');
  if (session.state !== 'active') return deny('session-revoked');
  if (session.pending !== '') return deny('session-pending');
  for (const { until, reason } of ends) if (!(nowMs < session[until])) return deny(reason);
  return { granted: true, session };
}

/**
 * When decideSession stops to grant by facts that stay as they are: a moment of Redis' clock in ms, before which what was
 * granted is granted still. NaN if it never grants.
 */
export function sessionGrantedUntilMs({ session }: Pick<Facts, 'session'>): number {
  return session === undefined ? Number.NaN : Math.min(...ends.map(({ until }) => session[until]));
}

/** As decideSession; a session that lacks the second factor which a role of its account demands by the rules is denied. */
export function decideSessionByRules(
  username: string,
  facts: Facts,
  rules: CompiledRules | BrokenRules,
): GrantedSession | Denial {
  const live = decideSession(username, facts);
  if (!live.granted) return live;
  return lacksSecondFactor(live.session, rules) ? deny('second-factor-missing') : live;
}
