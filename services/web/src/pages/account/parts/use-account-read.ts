import { useQuery } from '@tanstack/react-query';
import { useSession } from '../../../../../client/react/auth-provider.ts';

/** How often what changes by itself is read again while somebody looks. */
export const liveMs = 5_000;

/** Reads a path below /api/auth for the signed-in account; with `isLive` again and again while the tab is seen. */
export function useAccountRead<Data>(path: string, { isLive = false } = {}) {
  const { session } = useSession();
  return useQuery({
    queryKey: ['account', path],
    queryFn: () => session.call<Data>('GET', `/api/auth${path}`),
    ...(isLive && { refetchInterval: liveMs }),
  });
}
