import { createAccount } from '../../core/accounts/create-account.ts';
import { BednetError } from '../../core/errors.ts';
import { contextWordsOf } from '../../core/passwords/context-words.ts';
import { assertNewPassword } from '../../core/passwords/policy.ts';
import { productName, type Caller, type SessionContext } from '../session-context.ts';

/** What a person gives to get an account. */
export interface Registration {
  username: string;
  email: string;
  fullName: string;
  password: string;
}

/**
 * Creates an account with the role `user`. Throws RES_USERNAME_TAKEN; a taken e-mail address looks like success, for
 * only its owner may learn of it.
 */
export async function register(
  context: SessionContext,
  registration: Registration,
  caller: Caller,
): Promise<void> {
  const { username, email, fullName, password } = registration;
  const contextWords = contextWordsOf({ username, email, productName });
  assertNewPassword(password, { minCodePoints: context.passwordMinLength, contextWords, field: 'password' });
  const passwordHash = await context.hasher.hash(password);
  const creation = await createAccount(context.store, {
    username,
    email,
    fullName,
    roles: ['user'],
    passwordHash,
    actor: 'registration',
  });
  if (creation.outcome === 'created') return caller.tell('account-registered', { uid: creation.uid });
  caller.tell('registration-refused', { reason: creation.outcome });
  if (creation.outcome === 'username-taken')
    throw new BednetError('RES_USERNAME_TAKEN', { field: 'username' });
}
