import { Badge, Group, Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Static } from 'typebox';
import type { RulesHistory as History } from '../../../../../contract/admin-rules.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { ActButton } from '../parts/act-button.tsx';
import { ReadFault } from '../../../parts/read-fault.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Moment } from '../../../parts/moment.tsx';
import { useRead } from '../parts/use-read.ts';
import { Actor } from '../parts/actor.tsx';
import { Id } from '../parts/visible-text.tsx';

type Version = Omit<Static<typeof History>['versions'][number], 'at'> & { at: string | null };

/** What is in force before anybody has written rules can always be brought back. */
const first: Version = { version: '0', actor: '', at: null, rolled_back_to: null, usable: true };

function withFirst(versions: readonly Version[]): Version[] {
  return versions.length === 0 || versions.some(({ version }) => version === first.version)
    ? [...versions]
    : [...versions, first];
}

/** Earlier versions, each of which can be brought back. */
export function RulesHistory({ version, readAgain }: { version: string; readAgain: () => Promise<void> }) {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const { data, error, refetch } = useRead<Static<typeof History>>('/rules/history');
  const columns: Column<Version>[] = [
    {
      name: t('rules.version'),
      show: (row) => (
        <Group gap={6}>
          <Id>{row.version}</Id>
          {row.version === version && (
            <Badge variant="light" className="badge">
              {t('rules.now')}
            </Badge>
          )}
          {!row.usable && (
            <Badge variant="light" color="red" className="badge">
              {t('rules.unusable')}
            </Badge>
          )}
        </Group>
      ),
    },
    { name: t('rules.at'), show: ({ at }) => <Moment at={at} isExact /> },
    { name: t('rules.actor'), show: ({ actor }) => <Actor actor={actor} /> },
    {
      name: t('rules.rolledBackTo'),
      show: ({ rolled_back_to: to }) => (to === null ? '–' : <Id>{to}</Id>),
    },
    ...(session.hasPermission('rules.write')
      ? [
          {
            name: t('actions'),
            show: (row: Version) =>
              row.version === version || !row.usable ? (
                '–'
              ) : (
                <ActButton
                  permission="rules.write"
                  label={t('rules.rollBack')}
                  target={row.version}
                  text={t('rules.rollBackText', { version: row.version })}
                  done={t('rules.rolledBack')}
                  isHarmful
                  run={() => session.call('POST', '/api/admin/rules/rollback', { to: row.version, version })}
                  onDone={() => void readAgain()}
                />
              ),
          },
        ]
      : []),
  ];
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {t('rules.history')}
      </Title>
      {error && <ReadFault error={error} retry={() => void refetch()} />}
      <DataTable
        label={t('rules.history')}
        columns={columns}
        rows={data && withFirst(data.versions)}
        keyOf={(row) => row.version}
        empty={t('rules.noHistory')}
      />
    </Stack>
  );
}
