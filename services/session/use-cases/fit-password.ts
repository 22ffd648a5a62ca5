import { contextWordsOf } from '../../core/passwords/context-words.ts';
import { assertNewPassword } from '../../core/passwords/policy.ts';
import type { SessionContext } from '../session-context.ts';

/** Throws VAL_PASSWORD_* unless `password` may become the password of `owner`; errors name `field`. */
export function assertFitPassword(
  { passwordPolicy, productName }: SessionContext,
  password: string,
  owner: { username: string; email?: string | undefined },
  field: string,
): void {
  const contextWords = contextWordsOf({ username: owner.username, email: owner.email, productName });
  assertNewPassword(password, { ...passwordPolicy, contextWords, field });
}
