import { findUnknownRoles } from '../../core/accounts/set-roles.ts';
import type { Store } from '../../core/redis/store.ts';
import { CliError } from '../cli-error.ts';

/** Throws a CliError for a role that the rules don't know: it gives nothing, a slip of the pen most likely. */
export async function assertKnownRoles(store: Store, roles: readonly string[]): Promise<void> {
  const unknown = await findUnknownRoles(store, roles);
  if (unknown.length > 0) throw new CliError(`the rules in force know no role ${unknown.join(', ')}`);
}
