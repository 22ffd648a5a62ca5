import type { BrokenRules, CompiledRules } from '../acl/rules.ts';
import { isUsername, sidOfClientId } from '../ids.ts';
import { isInTime, type PresentedToken } from '../tokens/access-token-claims.ts';
import { decideSessionByRules } from './decide-session.ts';
import type { Facts } from './read-facts.ts';
import { deny, type Denial } from './reasons.ts';

/** What a client gives at CONNECT beside its token or key; the names are not yet known to be well-formed. */
export interface ConnectNames {
  readonly username: string;
  readonly clientId: string;
}

/** The answer to a CONNECT. */
export type ConnectDecision = { readonly granted: true } | Denial;

/** Finds what is wrong with the names of a session's CONNECT, before anything costly is done with the password. */
export function findNameFault({ username, clientId }: ConnectNames): Denial | undefined {
  if (!isUsername(username)) return deny('username-malformed');
  if (sidOfClientId(clientId) === undefined) return deny('client-id-malformed');
  return undefined;
}

/** Finds what is wrong between well-formed names and a token whose signature and claims are right. */
export function findTokenFault(
  { username, clientId }: ConnectNames,
  token: PresentedToken,
): Denial | undefined {
  if (sidOfClientId(clientId) !== token.sid) return deny('client-id-of-other-session');
  if (username !== token.username) return deny('token-username-mismatch');
  return undefined;
}

/** Decides a CONNECT by a token that its names agree with: first the token's time, then the session's state. */
export function decideConnect(
  token: PresentedToken,
  facts: Facts,
  rules: CompiledRules | BrokenRules,
): ConnectDecision {
  if (!isInTime(token, facts.nowMs)) return deny(timeFault(token, facts.nowMs));
  const decision = decideSessionByRules(token.username, facts, rules);
  if (!decision.granted) return decision;
  if (decision.session.uid !== token.uid) return deny('session-username-mismatch');
  return { granted: true };
}

function timeFault(token: PresentedToken, nowMs: number): 'token-expired' | 'token-not-yet-valid' {
  return token.issuedAtSeconds * 1000 > nowMs ? 'token-not-yet-valid' : 'token-expired';
}
