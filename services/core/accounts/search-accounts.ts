import type { Store } from '../redis/store.ts';
import { findAccounts, type Account } from './account.ts';
import { walkAccounts } from './walk-accounts.ts';

/** What is looked for: `cursor` is the `next` of the page before, or '' for the first one. */
export interface AccountQuery {
  /** A part of a username, e-mail address or full name, in any letter case; '' = every account. */
  search: string;
  /** Only accounts in this state. */
  state?: Account['state'] | undefined;
  cursor: string;
  /** 1 or more. */
  limit: number;
}

/** A page of accounts; no `next` = that was the last one. */
export interface AccountPage {
  accounts: Account[];
  next?: string;
}

const accountsPerRead = 100;
const mostReadPerPage = 2000;

/**
 * One page of the accounts, in the order of their uids. There is no index of words: a search looks at every account in
 * turn, at 2,000 a page at most, so a page may be short or empty and yet have a `next`. Whoever knows the whole name
 * has findAccountByLogin.
 */
export async function searchAccounts(
  store: Store,
  { search, state, cursor, limit }: AccountQuery,
): Promise<AccountPage> {
  const wanted = fold(search);
  const accounts: Account[] = [];
  let accountsRead = 0;
  const isEvery = wanted === '' && state === undefined;
  const lotSize = isEvery ? Math.min(limit, accountsPerRead) : accountsPerRead;
  for await (const uids of walkAccounts(store, cursor, lotSize)) {
    const found = await findAccounts(store, uids);
    for (const [index, uid] of uids.entries()) {
      const account = found[index];
      accountsRead += 1;
      const isSought = account !== undefined && (state ?? account.state) === account.state;
      if (isSought && isWanted(account, wanted)) accounts.push(account);
      if (accounts.length === limit || accountsRead === mostReadPerPage) return { accounts, next: uid };
    }
  }
  return { accounts };
}

function isWanted({ username, email, unverifiedEmail, fullName }: Account, wanted: string): boolean {
  return [username, email, unverifiedEmail, fullName].some((text) => fold(text).includes(wanted));
}

function fold(text: string): string {
  return text.normalize('NFC').trim().toLowerCase();
}
