import { findAccount, findAccountByLogin, type Account } from '../../core/accounts/account.ts';
import { isId } from '../../core/ids.ts';
import type { Store } from '../../core/redis/store.ts';
import { CliError } from '../cli-error.ts';

/** As getAccount, for what can't be done to a deleted account. Throws a CliError for one that is. */
export async function getPresentAccount(store: Store, name: string): Promise<Account> {
  const account = await getAccount(store, name);
  if (account.state !== 'deleted') return account;
  throw new CliError(`account ${account.username} is deleted: use account restore first`);
}

/**
 * The account of a username (in any case), an e-mail address or a uid. Throws a CliError if there is none, or if the
 * name of one account is the uid of another: somebody may have chosen it to be mistaken.
 */
export async function getAccount(store: Store, name: string): Promise<Account> {
  const byLogin = await findAccountByLogin(store, name);
  const byUid = isId(name) ? await findAccount(store, name) : undefined;
  if (byLogin && byUid && byLogin.uid !== byUid.uid) {
    throw new CliError(
      `${name} is the username of ${byLogin.uid} and the uid of ${byUid.username}: say which by the other`,
    );
  }
  const account = byUid ?? byLogin;
  if (!account) throw new CliError(`there is no account ${name}`);
  return account;
}
