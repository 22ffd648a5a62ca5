import { useQuery } from '@tanstack/react-query';
import type { PageConfig } from '../../../contract/native-config.ts';

/** What the server says of itself to anybody; undefined until it has answered. */
export function usePageConfig(): PageConfig | undefined {
  const { data } = useQuery({ queryKey: ['page-config'], queryFn: readConfig, staleTime: Infinity });
  return data;
}

async function readConfig(): Promise<PageConfig> {
  const answer = await fetch('/api/auth/config');
  if (!answer.ok) throw new Error(`the configuration answered ${answer.status}`);
  return ((await answer.json()) as { data: PageConfig }).data;
}
