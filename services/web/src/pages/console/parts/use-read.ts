import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
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

type Page = Record<string, unknown> & { next?: string };

/** A page may be short or empty and yet have a next one: lists go on by themselves, but not for ever. */
const mostPagesUnasked = 25;

/**
 * Reads a list of the admin API page by page, until there are `least` items to show. `path` has its query but for the
 * cursor. A long list that is live is read less often.
 */
export function usePages<Item>(path: string, name: string, { isLive = false, least = 1 } = {}) {
  const { session } = useSession();
  const pages = useInfiniteQuery({
    queryKey: ['console', path, 'pages'],
    queryFn: ({ pageParam }): Promise<Page> => {
      const cursor = pageParam === '' ? '' : `&cursor=${encodeURIComponent(pageParam)}`;
      return session.call<Page>('GET', `/api/admin${path}${cursor}`);
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => isLive && liveMs * (state.data?.pages.length ?? 1),
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = pages;
  const items = data?.pages.flatMap((page) => page[name] as Item[]);
  const wantsMore =
    hasNextPage && (items?.length ?? 0) < least && (data?.pages.length ?? 0) < mostPagesUnasked && !isError;
  useEffect(() => {
    if (wantsMore && !isFetching) void fetchNextPage();
  }, [wantsMore, isFetching, fetchNextPage]);
  return {
    pages,
    error: pages.error,
    refetch: pages.refetch,
    /** Undefined while nothing is there to show. */
    items: wantsMore && items?.length === 0 ? undefined : items,
  };
}
