import type { Account } from '../../core/accounts/account.ts';
import {
  disableAccount,
  enableAccount,
  type StateChangeResult,
} from '../../core/accounts/change-account-state.ts';
import { searchAccounts } from '../../core/accounts/search-accounts.ts';
import type { AuditEvent } from '../../core/audit/events.ts';
import { listSessions } from '../../core/sessions/session.ts';
import { CliError } from '../cli-error.ts';
import { timed, type CommandContext } from '../context.ts';
import { escapeControls, list as listFacts, table, toUtc, type Answer } from '../output.ts';
import { confirm } from '../terminal.ts';
import { getAccount, getPresentAccount } from './get-account.ts';

const accountsPerPage = 500;

/** Options of the commands that change an account. */
export interface ChangeOptions {
  reason: string;
  yes?: true;
}

/** What `account list` takes. */
export interface ListOptions {
  search?: string;
  state?: Account['state'];
}

/** Accounts by username: all, or those that are looked for. */
export async function list({ store }: CommandContext, { search = '', state }: ListOptions): Promise<Answer> {
  const accounts: Account[] = [];
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    const page = await searchAccounts(store, { search, state, cursor, limit: accountsPerPage });
    accounts.push(...page.accounts);
    cursor = page.next;
  }
  accounts.sort((a, b) => a.username.localeCompare(b.username, 'en'));
  const rows = accounts.map((account) => [
    account.username,
    account.uid,
    account.state,
    account.roles.join(', '),
    toUtc(account.createdAtMs),
    account.email,
  ]);
  return {
    json: accounts.map(publicFacts),
    text: rows.length === 0 ? 'There is no account.' : table(accountHeader, rows),
  };
}

/** One account and how many live sessions it has. */
export async function show({ store }: CommandContext, name: string): Promise<Answer> {
  const account = await getAccount(store, name);
  const { length: liveSessions } = await listSessions(store, account.uid);
  const text = listFacts({
    username: account.username,
    uid: account.uid,
    state: account.state,
    roles: account.roles.join(', '),
    email: account.email,
    name: account.fullName,
    created: toUtc(account.createdAtMs),
    ...(account.isLocked && { locked: 'by an operator, until account unlock' }),
    ...(account.purgeAtMs > 0 && { 'removed at': toUtc(account.purgeAtMs) }),
    sessions: String(liveSessions),
  });
  return { json: { ...publicFacts(account), liveSessions }, text };
}

/** Disables an account and ends its sessions. */
export async function disable(
  context: CommandContext,
  name: string,
  options: ChangeOptions,
): Promise<Answer> {
  const account = await getPresentAccount(context.store, name);
  await confirm(`Disable ${account.username} and end all its sessions?`, options);
  return change(context, account, options, {
    work: disableAccount,
    done: 'Disabled',
    state: 'disabled',
    event: 'account-disabled',
  });
}

/** Enables an account; no ended session comes back. */
export async function enable(context: CommandContext, name: string, options: ChangeOptions): Promise<Answer> {
  const account = await getPresentAccount(context.store, name);
  return change(context, account, options, {
    work: enableAccount,
    done: 'Enabled',
    state: 'active',
    event: 'account-enabled',
  });
}

const accountHeader = ['USERNAME', 'UID', 'STATE', 'ROLES', 'CREATED', 'EMAIL'];

interface Change {
  work: typeof disableAccount;
  done: string;
  state: string;
  event: AuditEvent;
}

async function change(
  { store, actor, tell }: CommandContext,
  { uid, username }: Account,
  { reason }: ChangeOptions,
  { work, done, state, event }: Change,
): Promise<Answer> {
  const { result, durable } = await timed<StateChangeResult>(() => work(store, { uid, reason, actor }));
  if (!result) throw new CliError(`there is no account ${username} any more`);
  if (result.changed) tell(event, { uid, reason });
  const outcome = result.changed ? done : `Nothing to change, already ${state}:`;
  const sessions = result.sessionsEnded > 0 ? `, ${result.sessionsEnded} of its sessions ended` : '';
  return {
    json: { uid, username, state, ...result, ...durable },
    text: `${outcome} account ${escapeControls(username)}${sessions}; durable in ${durable.durableInMs} ms.`,
  };
}

function publicFacts({ epoch: _epoch, ...facts }: Account): Omit<Account, 'epoch'> {
  return facts;
}
