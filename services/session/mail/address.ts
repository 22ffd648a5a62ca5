import { domainToASCII } from 'node:url';

/** Where a mail goes to or comes from; the domain is in its ASCII form. */
export interface MailAddress {
  address: string;
  /** Shown beside the address; may be empty. */
  name: string;
}

const longestAddress = 254;
const longestLocalPart = 64;
const longestName = 100;
const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const localPartPattern = new RegExp(`^${atom}(?:\\.${atom})*$`);
const domainCharacters = /^[\p{L}\p{M}\p{N}.-]+$/u;
const labelPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a text is one bare address to which mail can go: `local@domain`, as `toMailAddress` takes it. */
export function isMailAddress(text: string): boolean {
  return asciiAddress(text) !== undefined;
}

/**
 * Makes an address safe to put into a header: a dot-atom (RFC 5321 4.1.2) at a domain of two labels or more; a domain
 * of other scripts is turned into its ASCII form (RFC 5891). No quoted local part, comment, list or address literal.
 * Characters that could end a header (CR, LF and the like) are taken out of the name. Throws an Error without the text.
 */
export function toMailAddress(text: string, name = ''): MailAddress {
  const address = asciiAddress(text);
  if (address === undefined) throw new Error('is not an e-mail address');
  return { address, name: plainName(name) };
}

/** Reads a sender, `address` or `Name <address>`; throws an Error that says what is wrong. */
export function parseSender(text: string): MailAddress {
  const named = /^([^<>]*)<([^<>]*)>$/.exec(text.trim());
  if (!named) return toMailAddress(text.trim());
  return toMailAddress(named[2] ?? '', named[1]);
}

/** An address as logs show it: enough to recognise, too little to use. */
export function shortenAddress(text: string): string {
  const at = text.lastIndexOf('@');
  return at < 1 ? '…' : `${text.charAt(0)}…${text.slice(at, at + 64)}`;
}

function asciiAddress(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  const localPart = text.slice(0, Math.max(at, 0));
  const domain = text.slice(at + 1);
  if (localPart.length > longestLocalPart || !localPartPattern.test(localPart)) return undefined;
  if (domain.length > longestAddress || !domainCharacters.test(domain)) return undefined;
  const ascii = domainToASCII(domain);
  const labels = ascii.split('.');
  if (labels.length < 2 || !labels.every((label) => labelPattern.test(label))) return undefined;
  if (/^[0-9]+$/.test(labels.at(-1) ?? '')) return undefined;
  const address = `${localPart}@${ascii}`;
  return address.length > longestAddress ? undefined : address;
}

function plainName(name: string): string {
  return name
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, longestName)
    .toWellFormed();
}
