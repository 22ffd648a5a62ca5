import { endAllSessions, type EndAllProgress } from '../../core/sessions/end-all-sessions.ts';
import type { CommandContext } from '../context.ts';
import type { Answer } from '../output.ts';
import { confirm } from '../terminal.ts';
import type { ChangeOptions } from './accounts.ts';

const nobody = { uid: '', sid: '' };

/** Ends everybody's sessions, and every sign-in under way, step by step. */
export async function endAll(
  { store, actor, tell }: CommandContext,
  options: ChangeOptions,
): Promise<Answer> {
  await confirm('End the sessions of everybody?', options);
  const { reason } = options;
  let [accounts, sessions] = [0, 0];
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    const step: EndAllProgress = await endAllSessions(store, { cursor, kept: nobody, reason, actor });
    tell('everybodys-sessions-ended', { reason: `${reason}: ${step.sessions} of ${step.accounts} accounts` });
    accounts += step.accounts;
    sessions += step.sessions;
    cursor = step.next;
  }
  return {
    json: { accounts, sessionsEnded: sessions },
    text: `Ended ${sessions} sessions of ${accounts} accounts: no check that starts now is granted.`,
  };
}
