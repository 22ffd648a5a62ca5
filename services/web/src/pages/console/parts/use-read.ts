import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useSession } from '../../../../../client/react/auth-provider.ts';

/** How often what may change by itself is read again while somebody looks. */
export const liveMs = 2000;

/** Reads a path of the admin API; with `isLive` again and again while the tab is seen. */
export function useRead<Data>(path: string, { isLive = false, isOn = true } = {}) {
  const { session } = useSession();
  return useQuery({
    queryKey: ['console', path],
    queryFn: () => session.call<Data>('GET', `/api/admin${path}`),
    enabled: isOn,
    ...(isLive && { refetchInterval: liveMs }),
  });
}

/** Reads a list of the admin API page by page. `path` has its query but for the cursor. */
export function usePages<Data extends { next?: string | undefined }>(path: string, { isLive = false } = {}) {
  const { session } = useSession();
  return useInfiniteQuery({
    queryKey: ['console', path, 'pages'],
    queryFn: ({ pageParam }) => {
      const cursor = pageParam === '' ? '' : `&cursor=${encodeURIComponent(pageParam)}`;
      return session.call<Data>('GET', `/api/admin${path}${path.includes('?') ? '' : '?'}${cursor}`);
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    ...(isLive && { refetchInterval: liveMs }),
  });
}
