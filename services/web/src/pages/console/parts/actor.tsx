import { useQuery } from '@tanstack/react-query';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { AccountLink, Id } from './visible-text.tsx';

const idPattern = /^[A-Za-z0-9_-]{22}$/;

/** Who did something: an account, or what else the audit names. */
export function Actor({ actor }: { actor: string }) {
  if (actor === '') return '–';
  return idPattern.test(actor) ? <Account uid={actor} /> : <Id>{actor}</Id>;
}

/** An account by its name, which never changes; by its id for those who may not see accounts, or once it is gone. */
export function Account({ uid }: { uid: string }) {
  const { session } = useSession();
  const mayRead = session.hasPermission('accounts.read');
  const { data } = useQuery({
    queryKey: ['account-name', uid],
    queryFn: async () =>
      (await session.call<{ username: string }>('GET', `/api/admin/accounts/${uid}`)).username,
    enabled: mayRead,
    staleTime: Infinity,
    retry: false,
  });
  return <AccountLink uid={uid} isLink={mayRead} {...(data !== undefined && { name: data })} />;
}
