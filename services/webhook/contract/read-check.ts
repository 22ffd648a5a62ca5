import type { Access } from '../../core/acl/rules.ts';
import { deny, type Denial } from '../../core/check/reasons.ts';
import type { Connection } from '../../core/connections/connection.ts';
import type { Fields } from './parse-body.ts';

/** A user check as the broker asked it. */
export interface UserCheck {
  readonly username: string;
  readonly password: string;
  readonly clientId: string;
  /** Where the broker reports when connections end. */
  readonly connection?: Connection | undefined;
}

/** An ACL check as the broker asked it; no username in token-as-username mode. */
export interface AskedAclCheck {
  readonly username: string | undefined;
  readonly clientId: string;
  readonly topic: string;
  readonly access: Access;
}

/** What was read, or why it can't be. */
export type Read<T> = { readonly granted: true; readonly check: T } | Denial;

/** mosquitto_plugin.h: MOSQ_ACL_READ 1, MOSQ_ACL_WRITE 2, MOSQ_ACL_SUBSCRIBE 4. */
const accessByNumber = new Map<number, Access>([
  [1, 'read'],
  [2, 'write'],
  [4, 'subscribe'],
]);

const aclNames = ['username', 'clientid', 'topic'];
const namesBesideToken = ['clientid', 'topic'];

/** Reads a user check. An empty name or password is denied; so is a client without client id. */
export function readUserCheck(fields: Fields): Read<UserCheck> {
  const fault = findFieldFault(fields, ['username', 'password', 'clientid']);
  if (fault) return fault;
  const username = text(fields, 'username');
  const password = text(fields, 'password');
  if (username === '' || password === '') return deny('credentials-missing');
  return { granted: true, check: { username, password, clientId: text(fields, 'clientid') } };
}

/**
 * Reads the client id of a user check in token-as-username mode, where the body is usually `null` or empty: undefined
 * if none was sent.
 */
export function readOptionalClientId(fields: Fields): Read<string | undefined> {
  const value = fields['clientid'];
  if (value === undefined || value === '') return { granted: true, check: undefined };
  return typeof value === 'string' ? { granted: true, check: value } : deny('field-type');
}

/** Reads an ACL check; with `withToken` the username is the token's and the body's is not looked at. */
export function readAclCheck(
  fields: Fields,
  options: { withToken: boolean; isForm: boolean },
): Read<AskedAclCheck> {
  const fault = findFieldFault(fields, options.withToken ? namesBesideToken : aclNames);
  if (fault) return fault;
  const acc = readAcc(fields['acc'], options.isForm);
  if (typeof acc !== 'number') return acc;
  const access = accessByNumber.get(acc);
  if (access === undefined) return deny('access-unknown');
  const username = options.withToken ? undefined : text(fields, 'username');
  return {
    granted: true,
    check: { username, clientId: text(fields, 'clientid'), topic: text(fields, 'topic'), access },
  };
}

/** A number in JSON, its decimal digits in a form. */
function readAcc(value: unknown, isForm: boolean): number | Denial {
  if (value === undefined) return deny('field-missing');
  if (isForm)
    return typeof value === 'string' && /^[0-9]{1,3}$/.test(value) ? Number(value) : deny('field-type');
  return Number.isSafeInteger(value) ? (value as number) : deny('field-type');
}

function findFieldFault(fields: Fields, names: readonly string[]): Denial | undefined {
  if (names.some((name) => fields[name] === undefined)) return deny('field-missing');
  if (names.some((name) => typeof fields[name] !== 'string')) return deny('field-type');
  return undefined;
}

function text(fields: Fields, name: string): string {
  return fields[name] as string;
}
