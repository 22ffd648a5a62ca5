import { Alert, Skeleton, Stack } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { ReadFault } from '../../../parts/read-fault.tsx';
import { ConsolePage } from '../parts/console-page.tsx';
import { Id } from '../parts/visible-text.tsx';
import { RulesEditor } from './rules-editor.tsx';
import { RulesHistory } from './rules-history.tsx';
import { writeRules, type RulesDocument } from './rules-text.ts';

interface Answer {
  version: string;
  document?: RulesDocument;
  faults?: string[];
}

/** The rules in force as they were when the page read them. */
export interface RulesInForce {
  version: string;
  text: string;
  faults: readonly string[];
}

/** The rules: to read, to change, and to bring back. */
export function RulesPage() {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const queries = useQueryClient();
  const [edition, setEdition] = useState(0);
  const { data, error, refetch } = useQuery({
    queryKey: ['rules-in-force'],
    queryFn: async (): Promise<RulesInForce> => {
      const answer = await session.call<Answer>('GET', '/api/admin/rules');
      const text = answer.document ? await writeRules(answer.document) : '';
      return { version: answer.version, text, faults: answer.faults ?? [] };
    },
    // Somebody may be writing: the text changes only when they ask for it.
    staleTime: Infinity,
    gcTime: 0,
  });
  const readAgain = async () => {
    await refetch();
    await queries.invalidateQueries({ queryKey: ['console'] });
    setEdition((number) => number + 1);
  };
  return (
    <ConsolePage
      title={t('pages.rules')}
      text={
        data && (
          <>
            {t('rules.inForce')} <Id>{data.version}</Id>
          </>
        )
      }
    >
      {error && <ReadFault error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={480} />}
      {data && (
        <Stack gap="xl">
          {data.faults.length > 0 && (
            <Alert color="red" role="alert" title={t('rules.broken')}>
              {data.faults.map((fault) => (
                <div key={fault} className="ltr" lang="en">
                  {fault}
                </div>
              ))}
            </Alert>
          )}
          <RulesEditor key={`${data.version} ${edition}`} inForce={data} readAgain={readAgain} />
          <RulesHistory version={data.version} readAgain={readAgain} />
        </Stack>
      )}
    </ConsolePage>
  );
}
