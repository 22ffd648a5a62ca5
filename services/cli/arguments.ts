import { InvalidArgumentError } from 'commander';
import { isDeviceId, isId, isUsername } from '../core/ids.ts';
import { operand } from './operands.ts';

const longestSeconds = 30 * 86_400;
const secondsPerUnit = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
]);
const longestEmailCharacters = 254; // RFC 5321 4.5.3.1.3, less the brackets

/** A username that an account can have; throws InvalidArgumentError, as all of these do. */
export function parseUsername(text: string): string {
  return checked(operand(text), isUsername, 'It has 1 to 64 characters out of A-Z a-z 0-9 _ . -');
}

/** Roles are named as accounts are; each further one is added to `earlier`. */
export function parseRole(text: string, earlier: readonly string[] = []): string[] {
  return [
    ...earlier,
    checked(operand(text), isUsername, 'It has 1 to 64 characters out of A-Z a-z 0-9 _ . -'),
  ];
}

/** A session id. */
export function parseSid(text: string): string {
  return checked(operand(text), isId, 'It has 22 characters out of A-Z a-z 0-9 - _');
}

/** A device id. */
export function parseDeviceId(text: string): string {
  return checked(operand(text), isDeviceId, 'It has 1 to 64 characters out of A-Z a-z 0-9 _ -');
}

/** What people call a device. */
export function parseLabel(text: string): string {
  return checked(
    operand(text),
    (label) => /^\P{Cc}{1,200}$/u.test(label),
    'It has 1 to 200 printable characters.',
  );
}

/** How long two keys work, in s: `0`, or a number with its unit, such as `24h`. */
export function parseOverlap(text: string): number {
  const seconds = text === '0' ? 0 : secondsOf(text);
  if (seconds === undefined || seconds > longestSeconds)
    throw new InvalidArgumentError('It is 0, or a number with s, m, h or d behind it, up to 30d.');
  return seconds;
}

/** How long an invitation works, in s: a number with its unit, such as `7d`. */
export function parseLife(text: string): number {
  const seconds = secondsOf(text) ?? 0;
  if (seconds < 60 || seconds > longestSeconds)
    throw new InvalidArgumentError('It is a number with s, m, h or d behind it, from 60s to 30d.');
  return seconds;
}

/** How many lines, 1 to 10,000. */
export function parseLines(text: string): number {
  const count = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > 10_000) throw new InvalidArgumentError('It is a number from 1 to 10000.');
  return count;
}

/** A moment, in ms since 1970. */
export function parseTime(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d(T|$)/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It is no time such as 2026-11-21T08:00Z.');
  return ms;
}

function secondsOf(text: string): number | undefined {
  const [, count, unit = ''] = /^([0-9]{1,7})([smhd])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (secondsPerUnit.get(unit) ?? 0);
}

/** An e-mail address, as far as it can be told without sending a mail. */
export function parseEmail(text: string): string {
  return checked(text, isEmail, 'It is not an e-mail address.');
}

/** A person's name. */
export function parseFullName(text: string): string {
  return checked(
    operand(text),
    (name) => /^\P{Cc}{1,200}$/u.test(name),
    'It has 1 to 200 printable characters.',
  );
}

/** Why something is done, as stored on tombstones. */
export function parseReason(text: string): string {
  return checked(
    operand(text),
    (reason) => /^\P{Cc}{1,200}$/u.test(reason),
    'It has 1 to 200 printable characters.',
  );
}

function checked(text: string, isRight: (text: string) => boolean, rule: string): string {
  if (!isRight(text)) throw new InvalidArgumentError(rule);
  return text;
}

function isEmail(text: string): boolean {
  return text.length <= longestEmailCharacters && /^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]+$/u.test(text);
}
