import type { AclCheck } from '../../core/check/decide-acl-check.ts';
import { explain } from '../../core/check/explain.ts';
import { createRulesSource } from '../../core/check/rules-source.ts';
import type { CommandContext } from '../context.ts';
import { escapeControls, type Answer } from '../output.ts';

/** Says what the webhook would answer to a check now, and why. The exit code is 0 for a denial too: it was explained. */
export async function explainCheck({ store }: CommandContext, check: AclCheck): Promise<Answer> {
  const explanation = await explain({ store, rules: createRulesSource(store) }, check);
  return { json: explanation, text: explanation.sentences.map(escapeControls).join('\n') };
}
