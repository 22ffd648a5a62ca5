import { setRoles as storeRoles, type RolesChangeResult } from '../../core/accounts/set-roles.ts';
import { CliError } from '../cli-error.ts';
import { timed, type CommandContext } from '../context.ts';
import { escapeControls, type Answer } from '../output.ts';
import { getPresentAccount } from './get-account.ts';

/** Gives an account these roles instead of those that it has; they count at the next check. */
export async function setRoles(
  { store, actor, tell }: CommandContext,
  name: string,
  roles: readonly string[],
): Promise<Answer> {
  const { uid, username } = await getPresentAccount(store, name);
  const { result, durable } = await timed(() => storeRoles(store, { uid, roles, actor }));
  const change = getChange(username, result);
  const changed = change.outcome === 'changed';
  if (changed) tell('roles-changed', { uid, reason: `${change.previousRoles} → ${change.roles}` });
  const until = changed ? ` instead of ${change.previousRoles.join(', ') || 'none'}` : ', as before';
  const sessions = changed && change.sessions > 0 ? `, so have its live sessions (${change.sessions})` : '';
  return {
    json: {
      ...{ uid, username, roles: change.roles, changed },
      ...(changed && { previousRoles: change.previousRoles, sessions: change.sessions }),
      ...durable,
    },
    text: `Account ${escapeControls(username)} has ${change.roles.join(', ')}${until}${sessions}; durable in ${durable.durableInMs} ms.`,
  };
}

function getChange(
  username: string,
  result: RolesChangeResult,
): Extract<RolesChangeResult, { outcome: 'changed' | 'unchanged' }> {
  switch (result.outcome) {
    case 'changed':
    case 'unchanged':
      return result;
    case 'unknown-account':
      throw new CliError(`there is no account ${username} any more`);
    case 'unknown-roles':
      throw new CliError(`the rules in force know no role ${result.roles.join(', ')}`);
    case 'last-admin':
      throw new CliError(`${username} is the last active admin: give the role to another account first`);
  }
}
