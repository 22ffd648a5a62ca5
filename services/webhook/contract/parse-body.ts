import { isUtf8 } from 'node:buffer';
import type { DenialReason } from '../../core/check/reasons.ts';

/**
 * The fields of a body as they came; of which type each must be is said where it is used. Only for names that no object
 * inherits.
 */
export type Fields = Readonly<Record<string, unknown>>;

/** A body's fields, or why it has none. */
export type ParsedBody =
  | { readonly parsed: true; readonly fields: Fields }
  | { readonly parsed: false; readonly reason: DenialReason };

/** A broker's longest honest question is far shorter; what is above is denied and the connection kept. */
export const longestBodyBytes = 16_384;

const noFields: ParsedBody = { parsed: true, fields: {} };
const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;

/**
 * Parses what plugins send: a JSON object, the literal `null`, nothing at all, or a form. JSON whatever the content
 * type says, except for a form's. A field given twice is refused: two readers could disagree about which one counts.
 */
export function parseBody(contentType: string | undefined, body: Buffer | undefined): ParsedBody {
  if (body === undefined || body.length === 0) return noFields;
  if (body.length > longestBodyBytes) return fault('body-too-large');
  if (!isUtf8(body)) return fault('body-not-utf8');
  const text = body.toString('utf8');
  return isForm(contentType) ? parseForm(text) : parseJson(text);
}

function parseJson(text: string): ParsedBody {
  const value = tryJson(text);
  if (value === null) return noFields;
  if (typeof value !== 'object' || Array.isArray(value)) return fault('body-malformed');
  const members = Object.values(value);
  for (const member of members) if (typeof member === 'object' && member !== null) return fault('field-type');
  return members.length === countMembers(text)
    ? { parsed: true, fields: value as Fields }
    : fault('field-duplicate');
}

/** How many members the text of a flat JSON object has: its colons outside of strings. */
function countMembers(text: string): number {
  let members = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === quote) isInString = !isInString;
    else if (isInString && character === backslash) at += 1;
    else if (!isInString && character === colon) members += 1;
  }
  return members;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller says that it is malformed.
  }
}

function parseForm(text: string): ParsedBody {
  const fields: Record<string, string> = Object.create(null);
  for (const pair of text.split('&')) {
    const split = pair.indexOf('=');
    const name = decode(split === -1 ? pair : pair.slice(0, split));
    const value = decode(split === -1 ? '' : pair.slice(split + 1));
    if (name === undefined || value === undefined) return fault('body-malformed');
    if (name in fields) return fault('field-duplicate');
    fields[name] = value;
  }
  return { parsed: true, fields };
}

/** Percent-decoding that refuses what is no UTF-8, instead of replacing it. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined; // The caller says that it is malformed.
  }
}

/** Whether a content type is a form's; its fields are all strings. */
export function isForm(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/x-www-form-urlencoded\b/i.test(contentType);
}

function fault(reason: DenialReason): ParsedBody {
  return { parsed: false, reason };
}
