import type { Account } from '../../core/accounts/account.ts';
import type { Letter, LetterKind, LetterValues } from '../mail/letters.ts';
import type { SessionContext } from '../session-context.ts';

type NoticeKind = Extract<
  LetterKind,
  | 'password-changed'
  | 'email-change-asked'
  | 'email-changed'
  | 'second-factor-changed'
  | 'new-network-sign-in'
  | 'account-deleted'
>;

/** What the owner of an account is told has happened (ASVS 6.3.7). */
export type OwnerNotice = {
  [K in NoticeKind]: { kind: K; values: Omit<LetterValues[K], 'username' | 'atMs'> };
}[NoticeKind];

/** The parts of an account that a letter needs. */
export type Addressee = Pick<Account, 'username' | 'email' | 'fullName' | 'language'>;

/** Mails a notice to the owner, if there is an address and a way to send. Returns at once, never throws. */
export function tellOwner(
  context: Pick<SessionContext, 'mailer'>,
  account: Addressee,
  notice: OwnerNotice,
): void {
  const values = { username: account.username, atMs: Date.now(), ...notice.values };
  sendTo(context, account, { kind: notice.kind, values } as Pick<Letter, 'kind' | 'values'>);
}

/** Mails a letter to the address of an account, if it has one, in its language. Returns at once, never throws. */
export function sendTo(
  { mailer }: Pick<SessionContext, 'mailer'>,
  { email, fullName, language }: Addressee,
  letter: Pick<Letter, 'kind' | 'values'>,
): void {
  if (email === '') return;
  mailer?.send({ ...letter, to: { address: email, name: fullName }, language } as Letter);
}
