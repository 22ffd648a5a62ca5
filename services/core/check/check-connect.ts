import type { PresentedToken } from '../tokens/access-token-claims.ts';
import { endedWithoutEvent, type CheckSources } from './check-acl.ts';
import { decideConnect, type ConnectDecision } from './decide-connect.ts';
import { factsOf } from './facts-source.ts';

/**
 * Answers the CONNECT of a session by a token that its names agree with, with one round trip to Redis at most, as checkAcl.
 * It notes nothing. Throws when Redis doesn't answer.
 */
export async function checkSessionConnect(
  sources: CheckSources,
  token: PresentedToken,
): Promise<ConnectDecision> {
  const { decision, mayBeOlder } = await checkOnce(sources, token);
  if (decision.granted || !mayBeOlder || !isInDoubt(decision.reason)) return decision;
  return (await checkOnce(sources, token, 'afresh')).decision;
}

async function checkOnce(
  { store, rules, facts: source = factsOf(store) }: CheckSources,
  token: PresentedToken,
  how?: 'afresh',
): Promise<{ decision: ConnectDecision; mayBeOlder: boolean }> {
  const facts = await source.readFacts(token.sid, how);
  const decision = decideConnect(token, facts, await rules.get(facts.rulesVersion));
  return { decision, mayBeOlder: facts.mayBeOlder === true };
}

/** A memory's clock may be a little ahead of Redis', which ends a token early. */
function isInDoubt(reason: Parameters<typeof endedWithoutEvent.has>[0]): boolean {
  return reason === 'token-expired' || endedWithoutEvent.has(reason);
}
