import { accountKey, credentialKey, emailKey, loginKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** An account as stored; times in ms. */
export interface Account {
  uid: string;
  username: string;
  email: string;
  fullName: string;
  roles: string[];
  /** `deleted`: in purgatory; until `purgeAtMs` it can be restored. A locked account counts as disabled. */
  state: 'active' | 'disabled' | 'deleted';
  /** Rises whenever a sign-in that is under way must die. */
  epoch: string;
  createdAtMs: number;
  /** `en`, `ar` or `fr`, for mails. */
  language: string;
  /** Whether the owner has shown to read the mail of `email`. */
  emailVerified: boolean;
  /** An address that is nobody's until it is verified; `email` is empty meanwhile. */
  unverifiedEmail: string;
  /** Version of the terms that were accepted, or ''. */
  termsVersion: string;
  mustChangePassword: boolean;
  /** When a deleted account is removed for good; 0 for any other. */
  purgeAtMs: number;
  /** Whether an operator has locked it, apart from having enabled or disabled it. */
  isLocked: boolean;
  /** Whether it would be active without the lock. */
  isEnabled: boolean;
}

/** The account behind a uid, or undefined. */
export async function findAccount(store: Store, uid: string): Promise<Account | undefined> {
  const fields = await store.redis.hgetall(accountKey(uid));
  return fields.uid === undefined ? undefined : toAccount(fields);
}

/** The accounts behind uids, in their order and in one round trip; undefined where there is none. */
export async function findAccounts(store: Store, uids: readonly string[]): Promise<(Account | undefined)[]> {
  const pipeline = store.redis.pipeline();
  for (const uid of uids) pipeline.hgetall(accountKey(uid));
  return ((await pipeline.exec()) ?? []).map(([error, fields]) => {
    if (error) throw error;
    const stored = fields as Record<string, string>;
    return stored.uid === undefined ? undefined : toAccount(stored);
  });
}

/** The uid behind a login name: a username in any case, or an e-mail address. */
export async function findUidByLogin(store: Store, login: string): Promise<string | undefined> {
  const key = login.includes('@') ? emailKey(login) : loginKey(login);
  return (await store.redis.get(key)) ?? undefined;
}

/** The uid behind an e-mail address. */
export async function findUidByEmail(store: Store, email: string): Promise<string | undefined> {
  return (await store.redis.get(emailKey(email))) ?? undefined;
}

/** The account behind a login name, or undefined. */
export async function findAccountByLogin(store: Store, login: string): Promise<Account | undefined> {
  const uid = await findUidByLogin(store, login);
  return uid === undefined ? undefined : findAccount(store, uid);
}

/** The stored password hash (PHC string), or undefined if the account has none. */
export async function findPasswordHash(store: Store, uid: string): Promise<string | undefined> {
  return (await store.redis.hget(credentialKey(uid), 'passwordHash')) ?? undefined;
}

/** When the password was last changed, in ms since 1970; 0 if that is not known. */
export async function findPasswordChangedAtMs(store: Store, uid: string): Promise<number> {
  return Number((await store.redis.hget(credentialKey(uid), 'changedAtMs')) ?? 0);
}

function toAccount(fields: Record<string, string>): Account {
  return {
    uid: fields.uid ?? '',
    username: fields.username ?? '',
    email: fields.email ?? '',
    fullName: fields.fullName ?? '',
    roles: (fields.roles ?? '').split(',').filter(Boolean),
    state: stateOf(fields),
    epoch: fields.epoch ?? '0',
    createdAtMs: Number(fields.createdAtMs ?? 0),
    language: fields.language ?? 'en',
    emailVerified: fields.emailVerified === '1',
    unverifiedEmail: fields.unverifiedEmail ?? '',
    termsVersion: fields.termsVersion ?? '',
    mustChangePassword: fields.mustChangePassword === '1',
    purgeAtMs: Number(fields.purgeAtMs ?? 0),
    isLocked: fields.locked === '1',
    isEnabled: fields.state === 'active',
  };
}

/** In doubt disabled. */
function stateOf({ state, locked }: Record<string, string>): Account['state'] {
  if (state === 'deleted') return state;
  return state === 'active' && locked !== '1' ? 'active' : 'disabled';
}
