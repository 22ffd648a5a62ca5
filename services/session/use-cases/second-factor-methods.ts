import type { Account } from '../../core/accounts/account.ts';
import type { SecondFactor } from '../../core/second-factor/authenticator.ts';
import type { SessionContext } from '../session-context.ts';

/** What a code can come from. */
export type CodeMethod = 'totp' | 'backup-code' | 'email';

/** With which codes an account can complete a sign-in now. */
export function methodsOf(
  context: SessionContext,
  account: Account,
  secondFactor: SecondFactor,
): CodeMethod[] {
  if (secondFactor.method === 'none') return [];
  const methods: [CodeMethod, boolean][] = [
    ['totp', secondFactor.totpSecret !== ''],
    ['backup-code', secondFactor.backupCodesLeft > 0],
    ['email', canMailCode(context, account)],
  ];
  return methods.filter(([, isThere]) => isThere).map(([method]) => method);
}

/** Whether a code may be mailed to an account: off unless the settings say otherwise (NIST SP 800-63B-4 3.1.3). */
export function canMailCode({ secondFactor, mailer }: SessionContext, account: Account): boolean {
  return secondFactor.allowsEmail && mailer !== undefined && account.email !== '';
}
