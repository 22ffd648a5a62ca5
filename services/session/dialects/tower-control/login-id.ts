import { createHash } from 'node:crypto';
import { isId } from '../../../core/ids.ts';

const form = /^[0-9A-F]{64}$/;
const uidBytes = 22;
const checkBytes = 10;

/**
 * The `login` of an account on this wire: 64 upper-case hex digits. They are the uid's 22 characters and 80 bits of
 * SHA-256 over them, so the account behind a `login` is found without a table that could fall behind the accounts.
 * Unlike the original's it is no function of the e-mail address: it says nothing about it and outlives a change of it.
 */
export function loginIdOf(uid: string): string {
  return Buffer.concat([Buffer.from(uid, 'latin1'), checkOf(uid)])
    .toString('hex')
    .toUpperCase();
}

/** The uid behind a `login`, or undefined if the text is none of ours. There may be no such account any more. */
export function uidOfLoginId(login: string): string | undefined {
  if (!form.test(login)) return undefined;
  const bytes = Buffer.from(login, 'hex');
  const uid = bytes.toString('latin1', 0, uidBytes);
  return isId(uid) && bytes.subarray(uidBytes).equals(checkOf(uid)) ? uid : undefined;
}

function checkOf(uid: string): Buffer {
  return createHash('sha256').update(`tower-control login\n${uid}`).digest().subarray(0, checkBytes);
}
