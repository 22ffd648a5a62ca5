import { useSession } from '../../../../../client/react/auth-provider.ts';
import { AccountLink, Id } from './visible-text.tsx';

const idPattern = /^[A-Za-z0-9_-]{22}$/;

/** Who did something: an account, or what else the audit names. */
export function Actor({ actor }: { actor: string }) {
  const { session } = useSession();
  if (actor === '') return '–';
  if (!idPattern.test(actor)) return <Id>{actor}</Id>;
  return <AccountLink uid={actor} isLink={session.hasPermission('accounts.read')} />;
}
