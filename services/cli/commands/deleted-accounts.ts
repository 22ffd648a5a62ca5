import { deleteAccount, restoreAccount } from '../../core/accounts/change-account-state.ts';
import { purgeAccount } from '../../core/accounts/purge-account.ts';
import { CliError } from '../cli-error.ts';
import { timed, type CommandContext } from '../context.ts';
import { escapeControls, toUtc, type Answer } from '../output.ts';
import { confirm } from '../terminal.ts';
import type { ChangeOptions } from './accounts.ts';
import { getAccount } from './get-account.ts';

/** Deletes an account and ends its sessions; until the end of its purgatory it can be restored. */
export async function remove(context: CommandContext, name: string, options: ChangeOptions): Promise<Answer> {
  const { store, settings, actor, tell } = context;
  const { uid, username } = await getAccount(store, name);
  await confirm(`Delete ${username} and end all its sessions?`, options);
  const { purgatorySeconds } = settings;
  const deletion = { uid, reason: options.reason, actor, purgatorySeconds };
  const { result, durable } = await timed(() => deleteAccount(store, deletion));
  if (!result) throw gone(username);
  const { changed, sessionsEnded, purgeAtMs } = result;
  if (changed) tell('account-deleted', { uid, reason: options.reason });
  const outcome = changed ? 'Deleted' : 'Nothing to change, already deleted:';
  const sessions = sessionsEnded > 0 ? `, ${sessionsEnded} of its sessions ended` : '';
  const until = `It can be restored until ${toUtc(purgeAtMs)}.`;
  return {
    json: { uid, username, state: 'deleted', ...result, ...durable },
    text: `${outcome} account ${escapeControls(username)}${sessions}; durable in ${durable.durableInMs} ms. ${until}`,
  };
}

/** Brings a deleted account back as it was, without its sessions. */
export async function restore(
  { store, actor, tell }: CommandContext,
  name: string,
  { reason }: ChangeOptions,
): Promise<Answer> {
  const { uid, username } = await getAccount(store, name);
  const { result, durable } = await timed(() => restoreAccount(store, { uid, reason, actor }));
  if (!result) throw gone(username);
  if (result.changed) tell('account-restored', { uid, reason });
  const outcome = result.changed ? 'Restored' : 'Nothing to change, not deleted:';
  return {
    json: { uid, username, ...result, ...durable },
    text: `${outcome} account ${escapeControls(username)}, ${result.state} now; durable in ${durable.durableInMs} ms.`,
  };
}

/** Removes a deleted account for good. */
export async function purge(context: CommandContext, name: string, options: ChangeOptions): Promise<Answer> {
  const { store, actor, tell } = context;
  const { uid, username } = await getAccount(store, name);
  await confirm(`Remove ${username} for good, with all that is kept about the person?`, options);
  const { result, durable } = await timed(() => purgeAccount(store, { uid, actor, atOnce: true }));
  if (result.outcome === 'unknown') throw gone(username);
  if (result.outcome === 'not-due') {
    throw new CliError(`account ${username} is not deleted: use account delete first`);
  }
  tell('account-purged', { uid, reason: options.reason });
  return {
    json: { uid, username, purged: true, ...durable },
    text: `Purged account ${escapeControls(username)}; its names are free. Durable in ${durable.durableInMs} ms.`,
  };
}

function gone(username: string): CliError {
  return new CliError(`there is no account ${username} any more`);
}
