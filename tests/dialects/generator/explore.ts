import fc from 'fast-check';
import type { AnswerCheck } from '../../support/answer-check.ts';
import { requestsFor, type Operation, type WireRequest } from './requests.ts';
import type { TimedAnswer } from './send.ts';
import type { Hints } from './values.ts';

/** Somebody in whose name requests are sent. */
export interface Caller {
  name: string;
  /** Access tokens that are good now; none for a stranger. */
  tokens: readonly string[];
  hints: Hints;
}

/** How an exploration is made. */
export interface Exploration {
  send(request: WireRequest): Promise<TimedAnswer>;
  check: AnswerCheck;
  /** An answer that takes longer counts as a hang. */
  slowMs: number;
  runs: number;
  seed: number;
}

/**
 * Sends requests to an operation until one is not answered as described: with a 5xx, too late, or in a way that the
 * document does not know. Throws then, with the seed and the smallest such request. Returns how many answers had which
 * status.
 */
export async function exploreOperation(
  operation: Operation,
  caller: Caller,
  { send, check, slowMs, runs, seed }: Exploration,
): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  const property = fc.asyncProperty(requestsFor(operation, caller.hints, caller.tokens), async (request) => {
    const answer = await send(request);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const where = `${request.method} ${operation.path} as ${caller.name}`;
    if (answer.status >= 500) throw new Error(`${where} answered ${answer.status}: ${answer.text}`);
    if (answer.tookMs > slowMs) throw new Error(`${where} took ${Math.round(answer.tookMs)} ms`);
    check(operation.method, operation.path, answer);
  });
  await fc.assert(property, { numRuns: runs, seed, includeErrorInReport: true });
  return statuses;
}
