import { Badge, Group, Paper, Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SessionItem } from '../../../../../contract/native.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { ActButton } from '../parts/act-button.tsx';
import { ReadFault } from '../../../parts/read-fault.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Moment } from '../../../parts/moment.tsx';
import { useRead } from '../parts/use-read.ts';
import { Id, Name, visible } from '../parts/visible-text.tsx';
import type { Account } from './account-page.tsx';

/** The live sessions of an account, as they come and go; each can be ended. */
export function AccountSessions({ account }: { account: Account }) {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const { data, error, refetch } = useRead<{ sessions: SessionItem[] }>(`/accounts/${account.id}/sessions`, {
    isLive: true,
  });
  const columns: Column<SessionItem>[] = [
    {
      name: t('sessions.device'),
      show: ({ device, is_current: isOwn }) => (
        <Group gap={6}>
          <Name>{device}</Name>
          {isOwn && (
            <Badge variant="light" className="badge">
              {t('sessions.this')}
            </Badge>
          )}
        </Group>
      ),
    },
    { name: t('sessions.ip'), show: ({ ip }) => <Id>{ip}</Id> },
    { name: t('sessions.since'), show: ({ created_at: at }) => <Moment at={at} /> },
    { name: t('sessions.lastActive'), show: ({ last_active: at }) => <Moment at={at} /> },
    { name: t('sessions.id'), show: ({ id }) => <Id>{id}</Id> },
    ...(session.hasPermission('sessions.write')
      ? [
          {
            name: t('actions'),
            show: ({ id, device }: SessionItem) => <EndSessionButton sid={id} target={visible(device)} />,
          },
        ]
      : []),
  ];
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h4">
            {t('sessions.title')}
          </Title>
          {(data?.sessions.length ?? 0) > 0 && (
            <ActButton
              permission="sessions.write"
              label={t('sessions.endAll')}
              text={t('sessions.endAllText', { name: visible(account.username) })}
              done={t('sessions.endAllDone')}
              takesReason
              isHarmful
              run={(body) => session.call('POST', `/api/admin/accounts/${account.id}/end-sessions`, body)}
            />
          )}
        </Group>
        {error && <ReadFault error={error} retry={() => void refetch()} />}
        <DataTable
          label={t('sessions.title')}
          columns={columns}
          rows={data?.sessions}
          keyOf={({ id }) => id}
          empty={t('sessions.none')}
        />
      </Stack>
    </Paper>
  );
}

/** Ends one session of anybody. */
export function EndSessionButton({ sid, target }: { sid: string; target: string }) {
  const { t } = useTranslation('console');
  const { session } = useSession();
  return (
    <ActButton
      permission="sessions.write"
      label={t('sessions.end')}
      target={target}
      text={t('sessions.endText')}
      done={t('sessions.endDone')}
      takesReason
      isHarmful
      run={(body) => session.call('DELETE', `/api/admin/sessions/${sid}`, body)}
    />
  );
}
