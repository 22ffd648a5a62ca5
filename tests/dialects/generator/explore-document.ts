import type { Test } from 'tap';
import { createAnswerCheck } from '../../support/answer-check.ts';
import { startSessionStage } from '../../support/session-service.ts';
import { callers, keepSignedIn, type KnowledgeOf } from './callers.ts';
import { exploreOperation } from './explore.ts';
import { operationsOf } from './requests.ts';
import { openSender } from './send.ts';

/** Limits that thousands of requests from one address would meet. */
const wideLimits = {
  GUESS_FAILURES_PER_NETWORK: '1000000',
  INTROSPECTION_REQUESTS_PER_NETWORK: '1000000',
  LOG_LEVEL: 'error',
};

/** Also a pause of Redis' disk or of a busy machine fits in; a hang does not. */
const slowMs = 5000;
/** A calm machine needs a quarter of it. */
const longestMs = 235_000;

/** How much is sent. */
export interface Extent {
  /** Requests to each operation, as each caller, unless the environment's RUNS says more. */
  runs: number;
  settings?: Record<string, string>;
  knowledgeOf?: KnowledgeOf;
}

/**
 * Explores every operation of one OpenAPI document as a stranger, as a user and as an admin. SEED repeats a run; it is
 * in the message of a failure.
 */
export async function exploreDocument(
  t: Test,
  name: string,
  { runs, settings, knowledgeOf }: Extent,
): Promise<void> {
  t.setTimeout(longestMs);
  const stage = await startSessionStage(t, { ...wideLimits, ...settings });
  const document = stage.app.documents.get(name)?.();
  if (!document) throw new TypeError(`there is no document ${name}`);
  const { send, close } = openSender(stage.url, 2 * slowMs);
  t.teardown(close);
  const exploration = {
    ...{ check: createAnswerCheck([document]), slowMs },
    runs: Number(process.env['RUNS']) || runs,
    seed: seedOf(process.env),
  };

  for (const operation of operationsOf(document)) {
    await t.test(`${operation.method} ${operation.path} answers as described, whatever comes`, async (t) => {
      for (const [index, make] of callers.entries()) {
        const caller = await make(stage, knowledgeOf);
        const keepAlive = keepSignedIn(stage, { caller, make }, send);
        const own = { ...exploration, send: keepAlive, seed: exploration.seed + index };
        const statuses = await exploreOperation(operation, caller, own);
        t.pass(`${caller.name}: ${JSON.stringify(Object.fromEntries(statuses))}`);
      }
    });
  }
  await t.test(`${name}: none of that was a fault of the service, which is well afterwards`, async (t) => {
    t.same(
      stage.logLines.filter((line) => JSON.parse(line).level >= 50),
      [],
    );
    t.equal((await stage.ask('GET', '/health')).status, 200);
  });
}

/** The same requests in each run of the suite; `SEED=random`, or a number, looks elsewhere. */
function seedOf({ SEED: given = '20261121' }: NodeJS.ProcessEnv): number {
  return given === 'random' ? Date.now() % 2 ** 31 : Number(given);
}
