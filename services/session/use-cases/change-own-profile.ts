import { setAccountFields } from '../../core/accounts/set-account-fields.ts';
import { BednetError } from '../../core/errors.ts';
import type { Session } from '../../core/sessions/session.ts';
import type { Caller, SessionContext } from '../session-context.ts';

/** What people say of themselves; what is not named stays. */
export interface OwnProfile {
  fullName?: string | undefined;
  /** Of mails. */
  language?: string | undefined;
}

/** Changes the full name or the language of the signed-in account. Throws AUTH_TOKEN_REVOKED if it is gone. */
export async function changeOwnProfile(
  { store }: SessionContext,
  { uid, sid }: Session,
  { fullName, language }: OwnProfile,
  caller: Caller,
): Promise<void> {
  // The parts of the name that the Tower Control dialect keeps would contradict the new whole.
  const name = fullName === undefined ? {} : { fullName: fullName.trim(), firstName: '', lastName: '' };
  const fields = { ...name, ...(language !== undefined && { language }) };
  if (!(await setAccountFields(store, uid, fields))) throw new BednetError('AUTH_TOKEN_REVOKED');
  caller.tell('account-changed', { uid, sid, reason: 'profile' });
}
