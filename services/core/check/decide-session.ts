import { lacksSecondFactor } from '../accounts/permissions.ts';
import type { BrokenRules, CompiledRules } from '../acl/rules.ts';
import { deny, type Denial } from './reasons.ts';
import type { Facts, SessionFacts } from './read-facts.ts';

/** A session that may talk MQTT now. */
export interface GrantedSession {
  readonly granted: true;
  readonly session: SessionFacts;
}

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
  if (!(nowMs < session.absoluteUntilMs)) return deny('session-expired');
  if (!(nowMs < session.accessUntilMs)) return deny('access-lapsed');
  return { granted: true, session };
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
