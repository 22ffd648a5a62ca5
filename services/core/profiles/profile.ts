import { BednetError } from '../errors.ts';
import { setAccountFields } from '../accounts/set-account-fields.ts';
import { accountKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** A field that an account's owner or an application gave it. */
export interface CustomField {
  name: string;
  value: string;
}

/** What people say about themselves; nothing of it is looked at by a check. */
export interface Profile {
  firstName: string;
  lastName: string;
  mobileNumber: string;
  /** ISO 3166-1 alpha-2, or ''. */
  isoCountryCode: string;
  /** ISO 639-1. */
  language: string;
  customFields: CustomField[];
}

/** Custom fields are kept on the account, so their number is bounded; so are their texts, by the caller's schema. */
export const mostCustomFields = 32;

const attempts = 5;

/** The profile of an account; undefined if there is no such account. */
export async function findProfile(store: Store, uid: string): Promise<Profile | undefined> {
  const [stored, fullName, firstName, lastName, mobileNumber, isoCountryCode, language, customFields] =
    await store.redis.hmget(
      accountKey(uid),
      ...['uid', 'fullName', 'firstName', 'lastName', 'mobileNumber'],
      ...['isoCountryCode', 'language', 'customFields'],
    );
  if (!stored) return undefined;
  return {
    firstName: firstName ?? fullName ?? '',
    lastName: lastName ?? '',
    mobileNumber: mobileNumber ?? '',
    isoCountryCode: isoCountryCode ?? '',
    language: language ?? 'en',
    customFields: toCustomFields(customFields),
  };
}

/** Changes what is named of a profile; the full name follows its parts. False if there is no such account. */
export async function changeProfile(store: Store, uid: string, change: Partial<Profile>): Promise<boolean> {
  const now = await findProfile(store, uid);
  if (!now) return false;
  const { customFields, ...texts } = change;
  const { firstName, lastName } = { ...now, ...texts };
  const isRenamed = texts.firstName !== undefined || texts.lastName !== undefined;
  const names = { firstName, lastName, fullName: `${firstName} ${lastName}`.trim() };
  const fields = { ...texts, ...(isRenamed && names) };
  return setAccountFields(store, uid, {
    ...fields,
    ...(customFields && { customFields: toText(customFields) }),
  });
}

/**
 * Sets some custom fields and leaves the others; an empty value removes one. False if there is no such account. Throws
 * VAL_INVALID_FORMAT if they became too many, SYS_BUSY if others change them again and again.
 */
export async function upsertCustomFields(
  store: Store,
  uid: string,
  given: readonly CustomField[],
): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const [stored, seen] = await store.redis.hmget(accountKey(uid), 'uid', 'customFields');
    if (!stored) return false;
    const customFields = toText(merge(toCustomFields(seen), given));
    const change = { field: 'customFields', value: seen ?? '' };
    if (await setAccountFields(store, uid, { customFields }, change)) return true;
  }
  throw new BednetError('SYS_BUSY', { retryAfterSeconds: 1 });
}

function merge(before: readonly CustomField[], given: readonly CustomField[]): CustomField[] {
  const values = new Map([...before, ...given].map(({ name, value }) => [name, value]));
  return [...values].flatMap(([name, value]) => (value === '' ? [] : [{ name, value }]));
}

function toText(customFields: readonly CustomField[]): string {
  const kept = merge([], customFields);
  if (kept.length > mostCustomFields) throw new BednetError('VAL_INVALID_FORMAT', { field: 'customFields' });
  return kept.length === 0 ? '' : JSON.stringify(kept.map(({ name, value }) => [name, value]));
}

function toCustomFields(text: string | null | undefined): CustomField[] {
  const pairs = JSON.parse(text || '[]') as [name: string, value: string][];
  return pairs.map(([name, value]) => ({ name, value }));
}
