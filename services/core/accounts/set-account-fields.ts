import { accountKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** Fields of an account that change without any change of who may sign in. */
export type AccountFields = Partial<
  Record<
    | 'email'
    | 'emailVerified'
    | 'unverifiedEmail'
    | 'pendingUntilMs'
    | 'termsVersion'
    | 'mustChangePassword'
    | 'language'
    | 'fullName'
    | 'firstName'
    | 'lastName'
    | 'mobileNumber'
    | 'isoCountryCode'
    | 'customFields'
    | 'groups'
    | 'acls',
    string
  >
>;

/**
 * Sets fields of an account ('' removes one) if `seen` still holds. False if the account is gone or that field has
 * another value. Returns when the change is durable.
 */
export async function setAccountFields(
  store: Store,
  uid: string,
  fields: AccountFields,
  seen: { field: string; value: string } = { field: 'uid', value: uid },
): Promise<boolean> {
  const changes = Object.entries(fields).flat();
  const [outcome] = await store.run(
    'account-set-fields',
    [accountKey(uid)],
    [seen.field, seen.value, ...changes],
  );
  await store.confirmDurable();
  return outcome === 'changed';
}
