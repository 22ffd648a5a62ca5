import { findUidByLogin } from '../../core/accounts/account.ts';
import { createAccount as storeAccount } from '../../core/accounts/create-account.ts';
import { contextWordsOf } from '../../core/passwords/context-words.ts';
import { createPasswordHasher } from '../../core/passwords/hasher.ts';
import { assertNewPassword } from '../../core/passwords/policy.ts';
import type { Store } from '../../core/redis/store.ts';
import { readSecret } from '../../core/tokens/key-files.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../context.ts';
import type { Answer } from '../output.ts';
import type { CliSettings } from '../settings.ts';
import { readNewPassword } from '../terminal.ts';
import { assertKnownRoles } from './known-roles.ts';

/** What `account create` takes beside the username. */
export interface NewAccountOptions {
  email?: string;
  name?: string;
  role?: string[];
}

/** Creates an account with a password that is read from the terminal or standard input. */
export async function createAccount(
  { store, settings, actor, tell }: CommandContext,
  username: string,
  options: NewAccountOptions,
): Promise<Answer> {
  const { email, name, role: roles = ['user'] } = options;
  await assertFree(store, username, email);
  await assertKnownRoles(store, options.role ?? []);
  const password = await readNewPassword();
  const { passwordPolicy, productName } = settings;
  const contextWords = contextWordsOf({ username, email, productName });
  assertNewPassword(password, { ...passwordPolicy, contextWords, field: 'password' });

  const passwordHash = await hash(settings, password);
  // An operator vouches for the address.
  const emailVerified = email !== undefined;
  const account = { username, email, emailVerified, fullName: name, roles, passwordHash, actor };
  const creation = await storeAccount(store, account);
  if (creation.outcome === 'username-taken') throw usernameTaken(username);
  if (creation.outcome === 'email-taken') throw emailTaken(email);
  const { uid } = creation;
  tell('account-created', { uid, reason: roles.join(' ') });
  return {
    json: { uid, username, email: email ?? '', fullName: name ?? '', roles, state: 'active' },
    text: `Created account ${username} (uid ${uid}) with ${roles.length === 1 ? 'role' : 'roles'} ${roles.join(', ')}.`,
  };
}

/** Asked before the password is: a claim that fails later would keep the username for a day. */
async function assertFree(store: Store, username: string, email: string | undefined): Promise<void> {
  if (await findUidByLogin(store, username)) throw usernameTaken(username);
  if (email && (await findUidByLogin(store, email))) throw emailTaken(email);
}

async function hash({ hashCost, pepperFile }: CliSettings, password: string): Promise<string> {
  const hasher = await createPasswordHasher(hashCost, readPepper(pepperFile));
  return hasher.hash(password);
}

function readPepper(file: string): Buffer {
  try {
    return readSecret(file);
  } catch (error) {
    throw new CliError(`the password pepper can't be read: ${(error as Error).message}`);
  }
}

function usernameTaken(username: string): CliError {
  return new CliError(`the username ${username} is taken`);
}

function emailTaken(email: string | undefined): CliError {
  return new CliError(`the e-mail address ${email} is taken`);
}
