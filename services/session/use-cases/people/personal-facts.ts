import { findPasswordChangedAtMs, type Account } from '../../../core/accounts/account.ts';
import { BednetError } from '../../../core/errors.ts';
import type { GroupAcl } from '../../../core/groups/membership.ts';
import {
  changeProfile,
  findProfile,
  upsertCustomFields,
  type CustomField,
  type Profile,
} from '../../../core/profiles/profile.ts';
import { findSecondFactor, type SecondFactor } from '../../../core/second-factor/authenticator.ts';
import type { Session } from '../../../core/sessions/session.ts';
import type { Caller, SessionContext } from '../../session-context.ts';
import { reachPresentAccount } from './reach.ts';
import { findStanding } from './standing.ts';

const dayMs = 86_400_000;

/** All that the owner of an account is shown of it. */
export interface PersonalFacts {
  account: Account;
  profile: Profile;
  acls: GroupAcl[];
  /** When the password has to be changed, in ms since 1970; 0 = never. */
  passwordEndsAtMs: number;
  secondFactor: SecondFactor['method'];
}

/** What the owner of a session is shown of their account. Throws RES_NOT_FOUND. */
export async function findPersonalFacts(context: SessionContext, session: Session): Promise<PersonalFacts> {
  const { store, accounts } = context;
  const { uid } = session;
  const account = await reachPresentAccount(context, session, uid);
  const [profile, { acls }, changedAtMs, { method }] = await Promise.all([
    findProfile(store, uid),
    findStanding(context, session, uid),
    findPasswordChangedAtMs(store, uid),
    findSecondFactor(store, uid),
  ]);
  if (!profile) throw new BednetError('RES_NOT_FOUND');
  const days = accounts.passwordExpiryDays;
  return {
    ...{ account, profile, acls, secondFactor: method },
    passwordEndsAtMs: days === 0 ? 0 : changedAtMs + days * dayMs,
  };
}

/** Changes the profile of an account that the session reaches. Throws as reachPresentAccount. */
export async function changePersonalFacts(
  context: SessionContext,
  session: Session,
  { uid, change }: { uid: string | undefined; change: Partial<Profile> },
  caller: Caller,
): Promise<void> {
  const account = await reachPresentAccount(context, session, uid);
  if (!(await changeProfile(context.store, account.uid, change))) throw new BednetError('RES_NOT_FOUND');
  tellChange(session, account, 'profile', caller);
}

/**
 * Sets custom fields of an account that the session reaches; an empty value removes one. Throws as reachPresentAccount,
 * and VAL_INVALID_FORMAT if they became too many.
 */
export async function setCustomFields(
  context: SessionContext,
  session: Session,
  { uid, customFields }: { uid: string | undefined; customFields: readonly CustomField[] },
  caller: Caller,
): Promise<void> {
  const account = await reachPresentAccount(context, session, uid);
  const isSet = await upsertCustomFields(context.store, account.uid, customFields);
  if (!isSet) throw new BednetError('RES_NOT_FOUND');
  tellChange(session, account, 'custom fields', caller);
}

function tellChange(session: Session, { uid }: Account, reason: string, caller: Caller): void {
  caller.tell('account-changed', { uid, sid: session.sid, actor: session.uid, reason });
}
