import { followAudit, tailAudit } from '../../core/audit/follow.ts';
import { exportAudit } from '../../core/audit/read.ts';
import { isId } from '../../core/ids.ts';
import type { Store } from '../../core/redis/store.ts';
import type { CommandContext } from '../context.ts';
import type { Answer } from '../output.ts';
import { getAccount } from './get-account.ts';

/** What `audit tail` takes. */
export interface TailOptions {
  lines: number;
  account?: string;
  event?: string;
  follow?: true;
}

/** What `audit export` takes. */
export interface ExportOptions {
  account?: string;
  /** In ms since 1970. */
  since?: number;
}

/** The newest entries, oldest of them first, and with `follow` all that come after them. */
export async function tail({ store }: CommandContext, options: TailOptions): Promise<Answer> {
  const { lines: limit, account, event, follow } = options;
  const uid = account === undefined ? undefined : await uidOf(store, account);
  const query = { limit, uid, event };
  return { json: null, text: '', lines: follow ? followAudit(store, query) : tailAudit(store, query) };
}

/** The whole log, oldest entry first; that somebody exported it becomes an entry itself. */
export async function exportAll(
  { store, tell }: CommandContext,
  { account, since: sinceMs }: ExportOptions,
): Promise<Answer> {
  const uid = account === undefined ? undefined : await uidOf(store, account);
  tell('audit-exported', { ...(uid && { uid }) });
  return { json: null, text: '', lines: exportAudit(store, { uid, sinceMs }) };
}

/** A uid also where the account is gone: the audit outlives it. */
async function uidOf(store: Store, account: string): Promise<string> {
  return getAccount(store, account)
    .then(({ uid }) => uid)
    .catch((error: unknown) => {
      if (isId(account)) return account;
      throw error;
    });
}
