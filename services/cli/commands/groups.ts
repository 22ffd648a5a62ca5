import {
  createGroup,
  deleteGroup,
  readGroups,
  type Group,
  type GroupFault,
} from '../../core/groups/groups.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../context.ts';
import { table, type Answer } from '../output.ts';

/** What `group create` takes beside the id. */
export interface NewGroupOptions {
  name?: string;
  description?: string;
  parent?: string;
  alert?: true;
}

const faultSentences: Record<GroupFault, string> = {
  taken: 'there is such a group already',
  unknown: 'there is no such group',
  'no-parent': 'there is no such group above it',
  'has-children': 'there are groups below it',
  'too-many': 'there are as many groups as there can be',
};

/** Creates a group; accounts are put into it over the tower-control dialect. */
export async function create(
  { store, tell }: CommandContext,
  shortId: string,
  { name = shortId, description = '', parent = '', alert }: NewGroupOptions,
): Promise<Answer> {
  const group: Group = { shortId, name, description, parent, isAlertGroup: alert === true };
  assertDone(await createGroup(store, group));
  tell('group-created', { reason: shortId });
  return { json: group, text: `Created group ${shortId}.` };
}

/** All groups, by name. */
export async function listAll({ store }: CommandContext): Promise<Answer> {
  const groups = [...(await readGroups(store)).values()];
  const rows = groups.map(({ shortId, name, parent, description }) => [shortId, name, parent, description]);
  return { json: groups, text: rows.length === 0 ? 'There is no group.' : table(header, rows) };
}

/** Deletes a group; accounts that were in it are in no such group any more. */
export async function remove({ store, tell }: CommandContext, shortId: string): Promise<Answer> {
  assertDone(await deleteGroup(store, shortId));
  tell('group-deleted', { reason: shortId });
  return { json: { shortId }, text: `Deleted group ${shortId}.` };
}

const header = ['ID', 'NAME', 'BELOW', 'DESCRIPTION'];

function assertDone(fault: GroupFault | undefined): void {
  if (fault !== undefined) throw new CliError(faultSentences[fault]);
}
