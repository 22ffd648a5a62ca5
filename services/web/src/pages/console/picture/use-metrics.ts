import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import type { MetricsAnswer, MetricsPoint } from '../../../../../contract/admin-metrics.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { liveMs } from '../parts/use-read.ts';

/** What the webhook services count, as it comes; only what is new is asked for. */
export function useMetrics() {
  const { session } = useSession();
  const kept = useRef<MetricsPoint[]>([]);
  return useQuery({
    queryKey: ['metrics'],
    queryFn: async () => {
      const after = kept.current.at(-1)?.at ?? 0;
      const answer = await session.call<MetricsAnswer>('GET', `/api/admin/metrics?after=${after}`);
      const nowMs = Date.parse(answer.now);
      const points = [...kept.current, ...answer.points];
      kept.current = points.filter(({ at }) => nowMs - at < answer.window_ms);
      return { ...answer, nowMs, points: kept.current };
    },
    refetchInterval: liveMs,
    staleTime: 0,
    gcTime: 0,
    structuralSharing: false,
  });
}

/** What `useMetrics` reads. */
export type Metrics = NonNullable<ReturnType<typeof useMetrics>['data']>;
