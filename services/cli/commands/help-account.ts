import { unlockAccount } from '../../core/accounts/lock-account.ts';
import { issueMailedToken, mailedTokenSeconds } from '../../core/accounts/mailed-token.ts';
import { requirePasswordChange } from '../../core/accounts/require-password-change.ts';
import { liftDelays } from '../../core/guessing/lift-delays.ts';
import { confirmEnded } from '../../core/leases/confirm-ended.ts';
import { findSecondFactor, removeSecondFactor } from '../../core/second-factor/authenticator.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../context.ts';
import { escapeControls, type Answer } from '../output.ts';
import { confirm } from '../terminal.ts';
import { getPresentAccount } from './get-account.ts';

const attempts = 3;

/** Lifts the delays, and the disablement, that wrong tries have brought on an account, and the lock of an operator. */
export async function unlock({ store, actor, tell }: CommandContext, name: string): Promise<Answer> {
  const { uid, username } = await getPresentAccount(store, name);
  await liftDelays(store, uid);
  await unlockAccount(store, { uid, reason: 'unlocked', actor });
  tell('account-unlocked', { uid });
  return {
    json: { uid, username },
    text: `Unlocked ${escapeControls(username)}: the next try is looked at.`,
  };
}

/** Asks for a new password at the next sign-in and ends all sessions. */
export async function forceChange(
  { store, actor, tell }: CommandContext,
  name: string,
  options: { yes?: true },
): Promise<Answer> {
  const { uid, username } = await getPresentAccount(store, name);
  await confirm(`Ask ${username} for a new password and end all its sessions?`, options);
  if (!(await requirePasswordChange(store, { uid, actor }))) throw gone(username);
  tell('password-change-required', { uid });
  const text = `Account ${escapeControls(username)} needs a new password at its next sign-in; its sessions are ended.`;
  return { json: { uid, username, mustChangePassword: true }, text };
}

/** Takes away a second factor that its owner has lost, and ends all sessions. */
export async function removeFactor(
  { store, actor, tell }: CommandContext,
  name: string,
  options: { yes?: true },
): Promise<Answer> {
  const { uid, username } = await getPresentAccount(store, name);
  await confirm(`Remove the second factor of ${username} and end all its sessions?`, options);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { method, totpSecret } = await findSecondFactor(store, uid);
    const json = { uid, username, changed: method !== 'none' };
    if (method === 'none') {
      await confirmEnded(store, { uid }); // A removal before this one may not have been.
      return { json, text: `Account ${escapeControls(username)} has no second factor.` };
    }
    if (!(await removeSecondFactor(store, { uid, totpSecret, keepSid: '', actor }))) continue;
    tell('second-factor-removed', { uid });
    return {
      json,
      text: `Removed the second factor of ${escapeControls(username)}; its sessions are ended.`,
    };
  }
  throw new CliError(`the second factor of ${username} keeps changing: try again`);
}

/**
 * Makes a link by which the owner sets a new password; an older one is void. It is printed, not mailed: the command line
 * holds no mail password. Whoever has it can take the account over, so it is for the owner only.
 */
export async function startReset({ store, settings, tell }: CommandContext, name: string): Promise<Answer> {
  const { uid, username, email: address, state } = await getPresentAccount(store, name);
  if (state !== 'active') throw new CliError(`account ${username} is disabled: its password can't be reset`);
  const token = await issueMailedToken(store, { purpose: 'reset', uid, address });
  tell('password-reset-asked', { uid, reason: 'link handed out' });
  const link = `${settings.publicUrl}/reset-password#token=${token}`;
  const validForSeconds = mailedTokenSeconds.reset;
  const lines = [
    `Whoever has this link can set the password of ${escapeControls(username)}: give it to the owner only.`,
    `It works once, for ${validForSeconds / 60} minutes: ${link}`,
  ];
  return { json: { uid, username, token, link, validForSeconds }, text: lines.join('\n') };
}

function gone(username: string): CliError {
  return new CliError(`there is no account ${username} any more`);
}
