import { findAccount, findUidByEmail, type Account } from '../../core/accounts/account.ts';
import { takeLetter } from '../../core/accounts/letter-allowance.ts';
import { issueMailedToken, mailedTokenSeconds } from '../../core/accounts/mailed-token.ts';
import { newUid } from '../../core/ids.ts';
import type { Store } from '../../core/redis/store.ts';
import type { LinkPage } from '../mail/links.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { limitRequest } from './check-secret.ts';
import { sendTo } from './tell-owner.ts';

/** How the clients of a dialect want the token of a link, and to which page it leads. */
export interface LinkForm {
  page: LinkPage;
  spell(token: string): string;
}

/** Whose token is written where there is nobody to mail one to: the same work, and one key only. */
const nobody = newUid();

/**
 * Mails a link for a new password to the owner of an address, at most three an hour. Whether there is one can be told
 * neither by the answer nor by the work: Redis gets the same commands, and the mail goes out later.
 * Throws RATE_LIMIT_EXCEEDED to a network that asks too often.
 */
export async function askForReset(
  context: SessionContext,
  address: string,
  caller: Caller,
  link?: LinkForm,
): Promise<void> {
  await limitRequest(context, 'forgot', caller);
  const { store } = context;
  const account = await findAddressOwner(store, address);
  const isAllowed = await takeLetter(store, 'reset-link', address);
  const owner = isAllowed && account?.state === 'active' ? account : undefined;
  const token = await issueMailedToken(store, {
    purpose: 'reset',
    uid: owner?.uid ?? nobody,
    address: owner?.email ?? '',
  });
  if (!owner) return caller.tell('password-reset-asked', { reason: account ? 'not mailed' : 'unknown' });
  const spelled = link?.spell(token) ?? token;
  const values = {
    ...{ username: owner.username, token: spelled, page: link?.page },
    validForSeconds: mailedTokenSeconds.reset,
  };
  sendTo(context, owner, { kind: 'reset-link', values });
  caller.tell('password-reset-asked', { uid: owner.uid });
}

/** The account that an address belongs to; Redis is asked the same questions where there is none. */
export async function findAddressOwner(store: Store, address: string): Promise<Account | undefined> {
  return findAccount(store, (await findUidByEmail(store, address)) ?? nobody);
}
