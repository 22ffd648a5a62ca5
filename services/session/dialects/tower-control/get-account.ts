import type { ErrorCode } from '../../../contract/error-codes.ts';
import { findAccount, type Account } from '../../../core/accounts/account.ts';
import { BednetError } from '../../../core/errors.ts';
import type { SessionContext } from '../../session-context.ts';
import type { Holder } from './holder.ts';

/** The account of who was let in. Throws RES_NOT_FOUND, or what the route knows it by, if it was deleted for good. */
export async function getAccount(
  { store }: SessionContext,
  holder: Holder,
  code: ErrorCode = 'RES_NOT_FOUND',
): Promise<Account> {
  const account =
    holder.kind === 'pending'
      ? holder.pending.account
      : holder.kind === 'session'
        ? await findAccount(store, holder.session.uid)
        : undefined;
  if (!account) throw new BednetError(code);
  return account;
}
