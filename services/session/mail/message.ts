import type { SendMailOptions } from 'nodemailer';
import { toMailAddress, type MailAddress } from './address.ts';
import { composeLetter } from './compose.ts';
import type { Letter } from './letters.ts';

/** Who sends, and what stands in every letter. */
export interface Letterhead {
  from: MailAddress;
  publicUrl: string;
  productName: string;
}

/**
 * The mail of a letter, for nodemailer. All tries of one letter carry the same `id` as Message-ID, so that a server
 * which took it twice can tell. Throws an Error for an address to which no mail can go.
 */
export function toMessage(letter: Letter, id: string, head: Letterhead): SendMailOptions {
  const to = toMailAddress(letter.to.address, letter.to.name);
  const { subject, text, html, language } = composeLetter(letter, head);
  return {
    from: head.from,
    to: [to],
    envelope: { from: head.from.address, to: [to.address] },
    messageId: `<${id}@${head.from.address.split('@')[1]}>`,
    subject,
    text,
    html,
    headers: {
      'Content-Language': language,
      // No answers from holiday programs (RFC 3834 5).
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
