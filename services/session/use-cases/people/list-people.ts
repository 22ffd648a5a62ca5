import { findAccounts, type Account } from '../../../core/accounts/account.ts';
import { searchAccounts } from '../../../core/accounts/search-accounts.ts';
import { readActivity, readAudit } from '../../../core/audit/read.ts';
import type { AuditEvent } from '../../../core/audit/events.ts';
import { findSecondFactor, type SecondFactor } from '../../../core/second-factor/authenticator.ts';
import type { Session } from '../../../core/sessions/session.ts';
import type { SessionContext } from '../../session-context.ts';
import { isPasswordChangeDue } from '../pending-steps.ts';
import { onlyReached } from './reach.ts';

/** An account in a list of an administrator; times in ms, 0 = never or not known any more. */
export interface ListedAccount {
  account: Account;
  lastSignInMs: number;
  /** Among its last 100 recorded acts. */
  signIns: number;
  isPasswordExpired: boolean;
  secondFactor: SecondFactor['method'];
}

const mostListed = 11;
const mostFound = 50;
const entriesPerRead = 500;
const mostReads = 20;
const mostActivities = 100;

/**
 * The accounts that something happened to last, newest first, 11 at most, without the caller's: as far back as the last
 * 10,000 entries of the audit log go.
 */
export async function listLately(
  context: SessionContext,
  session: Session,
  events: readonly AuditEvent[],
): Promise<ListedAccount[]> {
  const uids = new Set<string>();
  const found: Account[] = [];
  let cursor: string | undefined = '';
  for (let read = 0; read < mostReads && cursor !== undefined && found.length < mostListed; read += 1) {
    const page = await readAudit(context.store, { cursor, limit: entriesPerRead });
    const told = page.entries.filter(({ event }) => (events as readonly string[]).includes(event));
    const news = told.flatMap(({ uid }) => (uid === undefined || uids.has(uid) ? [] : [uid]));
    const lot = [...new Set(news)].filter((uid) => uid !== session.uid);
    for (const uid of lot) uids.add(uid);
    found.push(...(await reachedOf(context, session, lot)));
    cursor = page.next;
  }
  return describe(context, found.slice(0, mostListed));
}

/** Accounts with a part of an e-mail address or name, in no particular order, without the caller's; 50 at most. */
export async function findPeople(
  context: SessionContext,
  session: Session,
  search: string,
): Promise<ListedAccount[]> {
  return describe(context, await collect(context, session, { search }));
}

/** Deleted accounts that can still be restored, the last deleted ones first; 50 at most. */
export async function listPurgatory(context: SessionContext, session: Session): Promise<ListedAccount[]> {
  const deleted = await collect(context, session, { search: '', state: 'deleted' });
  return describe(
    context,
    deleted.sort((a, b) => b.purgeAtMs - a.purgeAtMs),
  );
}

async function collect(
  context: SessionContext,
  session: Session,
  wanted: { search: string; state?: Account['state'] },
): Promise<Account[]> {
  const found: Account[] = [];
  let cursor: string | undefined = '';
  for (let read = 0; read < mostReads && cursor !== undefined && found.length < mostFound; read += 1) {
    const page = await searchAccounts(context.store, { ...wanted, cursor, limit: mostFound });
    const isListed = ({ uid, state }: Account) =>
      uid !== session.uid && (wanted.state === 'deleted') === (state === 'deleted');
    found.push(...(await onlyReached(context, session, page.accounts.filter(isListed))));
    cursor = page.next;
  }
  return found.slice(0, mostFound);
}

async function reachedOf(
  context: SessionContext,
  session: Session,
  uids: readonly string[],
): Promise<Account[]> {
  const accounts = await findAccounts(context.store, uids);
  const present = accounts.filter((account) => account !== undefined && account.state !== 'deleted');
  return onlyReached(context, session, present as Account[]);
}

function describe(context: SessionContext, accounts: readonly Account[]): Promise<ListedAccount[]> {
  return Promise.all(accounts.map((account) => describeOne(context, account)));
}

async function describeOne(context: SessionContext, account: Account): Promise<ListedAccount> {
  const [activity, factor] = await Promise.all([
    readActivity(context.store, account.uid, mostActivities),
    findSecondFactor(context.store, account.uid),
  ]);
  const signIns = activity.filter(({ event }) => event === 'sign-in');
  return {
    account,
    lastSignInMs: signIns[0]?.atMs ?? 0,
    signIns: signIns.length,
    isPasswordExpired: await isPasswordChangeDue(context, account, factor.nowMs),
    secondFactor: factor.method,
  };
}
