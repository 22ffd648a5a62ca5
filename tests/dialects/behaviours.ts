import type { Test } from 'tap';
import type { WebhookStage } from '../support/webhook-service.ts';
import type { MakeAdapter } from './adapter.ts';
import { ending } from './behaviours/ending.ts';
import { renewing } from './behaviours/renewing.ts';
import { signingIn } from './behaviours/signing-in.ts';
import { steps } from './behaviours/steps.ts';
import { startDialectStage, type Hands } from './dialect-stage.ts';

/** What every dialect does alike, by sentences. */
export const behaviours = { ...signingIn, ...renewing, ...steps, ...ending };

/** Runs the whole list on one dialect; `settings` are environment variables. Returns the hands for more tests. */
export async function runBehaviours(
  t: Test,
  make: MakeAdapter,
  settings: Record<string, string> = {},
  webhook?: WebhookStage,
): Promise<Hands> {
  const hands = await startDialectStage(t, make, settings, webhook);
  for (const [sentence, behaviour] of Object.entries(behaviours)) {
    await t.test(`${hands.dialect.name}: ${sentence}`, (t) => behaviour(t, hands));
  }
  return hands;
}
