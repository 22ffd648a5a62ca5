import { useSession } from '../../../../../client/react/auth-provider.ts';
import { useRead } from './use-read.ts';

/** The roles that the rules in force know, for those who may read the rules; else none to propose. */
export function useRoleNames(): string[] {
  const { session } = useSession();
  const isOn = session.hasPermission('rules.read');
  const { data } = useRead<{ document?: { roles?: object } }>('/rules', { isOn });
  return Object.keys(data?.document?.roles ?? {});
}
