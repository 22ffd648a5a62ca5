import { Badge, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Static } from 'typebox';
import type { ClientPage } from '../../../../contract/admin-audit.ts';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { EndSessionButton } from './accounts/account-sessions.tsx';
import { ActButton, type OperatorAct } from './parts/act-button.tsx';
import { ReadFault } from '../../parts/read-fault.tsx';
import { ConsolePage } from './parts/console-page.tsx';
import { DataTable, type Column } from './parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { MoreButton } from './parts/more-button.tsx';
import { usePages } from './parts/use-read.ts';
import { AccountLink, Id } from './parts/visible-text.tsx';
import { To } from './parts/to.tsx';

type Client = Static<typeof ClientPage>['clients'][number];

/** Who is connected over MQTT, as it changes, and the way to end everybody's sessions. */
export function ClientsPage() {
  const { t } = useTranslation('console');
  const { session } = useSession();
  return (
    <ConsolePage title={t('pages.clients')} text={t('clients.text')} actions={<EndEverybody />}>
      {session.hasPermission('clients.read') && <Clients />}
    </ConsolePage>
  );
}

function Clients() {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const options = { isLive: true, least: 100 };
  const {
    pages,
    items: clients,
    error,
    refetch,
  } = usePages<Client>('/clients?limit=100', 'clients', options);
  const mayEnd = session.hasPermission('sessions.write');
  const columns: Column<Client>[] = [
    { name: t('clients.owner'), show: (client) => <Owner client={client} /> },
    { name: t('clients.connected'), show: ({ connected }) => <Connected connected={connected} /> },
    { name: t('clients.since'), show: ({ since, last_seen: seen }) => <Moment at={since ?? seen} isExact /> },
    { name: t('clients.id'), show: ({ client_id: id }) => <Id>{id}</Id> },
    ...(mayEnd
      ? [
          {
            name: t('actions'),
            show: ({ session_id: sid, client_id: id }: Client) =>
              sid === undefined ? '–' : <EndSessionButton sid={sid} target={id} />,
          },
        ]
      : []),
  ];
  if (error && !clients) return <ReadFault error={error} retry={() => void refetch()} />;
  const connected = clients?.filter((client) => client.connected === true).length ?? 0;
  return (
    <Stack>
      <Text size="sm" c="dimmed" mih={22}>
        {clients && t('clients.count', { count: connected, seen: clients.length })}
      </Text>
      <DataTable
        label={t('pages.clients')}
        columns={columns}
        rows={clients}
        keyOf={({ client_id: id }) => id}
        empty={t('clients.none')}
      />
      <MoreButton pages={pages} />
    </Stack>
  );
}

function Owner({ client }: { client: Client }) {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const { device_id: device, user_id: uid = '', username = '' } = client;
  if (device === undefined) {
    return <AccountLink uid={uid} name={username} isLink={session.hasPermission('accounts.read')} />;
  }
  const name = <Id>{device}</Id>;
  return (
    <Group gap={6}>
      {t('clients.device')}
      {session.hasPermission('devices.read') ? <To path={`devices/${device}`}>{name}</To> : name}
    </Group>
  );
}

/** Whether a client is there now, where the broker tells. */
export function Connected({ connected }: { connected: boolean | 'unknown' }) {
  const { t } = useTranslation('console');
  const name = connected === 'unknown' ? 'unknown' : connected ? 'yes' : 'no';
  const colors = { yes: 'teal', no: 'gray', unknown: 'yellow' } as const;
  return (
    <Badge variant={name === 'yes' ? 'light' : 'outline'} color={colors[name]} className="badge">
      {t(`clients.states.${name}`)}
    </Badge>
  );
}

interface Step {
  ended_sessions: number;
  next?: string;
}

function EndEverybody() {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const [ended, setEnded] = useState(0);
  const run: OperatorAct['run'] = async (body) => {
    let cursor: string | undefined;
    let total = 0;
    do {
      const step: Step = await session.call('POST', '/api/admin/sessions/end-all', {
        ...body,
        ...(cursor !== undefined && { cursor }),
      });
      total += step.ended_sessions;
      setEnded(total);
      cursor = step.next;
    } while (cursor !== undefined);
  };
  return (
    <ActButton
      permission="sessions.end-all"
      size="sm"
      label={t('everybody.label')}
      text={
        <>
          {t('everybody.text')}
          <Text size="sm" c="dimmed" mih={22} aria-live="polite">
            {ended > 0 && t('everybody.progress', { count: ended })}
          </Text>
        </>
      }
      done={t('everybody.done')}
      takesReason
      isHarmful
      run={run}
    />
  );
}
