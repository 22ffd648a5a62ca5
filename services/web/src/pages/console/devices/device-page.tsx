import { Group, Paper, Skeleton, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import type { DeviceItem } from '../../../../../contract/admin-devices.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { Connected } from '../clients-page.tsx';
import { ActButton } from '../parts/act-button.tsx';
import { ReadFault } from '../../../parts/read-fault.tsx';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Facts } from '../parts/facts.tsx';
import { Moment } from '../../../parts/moment.tsx';
import { useRead } from '../parts/use-read.ts';
import { Id, Name } from '../parts/visible-text.tsx';
import { Account } from '../parts/actor.tsx';
import { DeviceState } from './devices-page.tsx';
import { RotateForm } from './rotate-form.tsx';
import { To } from '../parts/to.tsx';

type Client = DeviceItem['clients'][number];

/** One device: what is known of it, who connects as it, and its key. */
export function DevicePage() {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const { id = '' } = useParams();
  const { data, error, refetch } = useRead<DeviceItem>(`/devices/${encodeURIComponent(id)}`, {
    isLive: true,
  });
  const columns: Column<Client>[] = [
    { name: t('clients.id'), show: ({ client_id: clientId }) => <Id>{clientId}</Id> },
    { name: t('clients.connected'), show: ({ connected }) => <Connected connected={connected} /> },
    { name: t('clients.since'), show: ({ since, last_seen: seen }) => <Moment at={since ?? seen} isExact /> },
  ];
  return (
    <ConsolePage
      title={t('device.title', { id })}
      {...(data && { actions: <DeviceState state={data.state} /> })}
    >
      <To path="devices">{t('device.toAll')}</To>
      {error && <ReadFault error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={240} />}
      {data && (
        <>
          <Paper withBorder p="md">
            <Facts facts={factsOf(data)} />
          </Paper>
          <DeviceActs device={data} />
          {session.hasPermission('devices.write') && <RotateForm device={data} />}
          <Title order={2} size="h4">
            {t('device.clients')}
          </Title>
          <DataTable
            label={t('device.clients')}
            columns={columns}
            rows={data.clients}
            keyOf={({ client_id: clientId }) => clientId}
            empty={t('device.noClients')}
          />
        </>
      )}
    </ConsolePage>
  );

  function factsOf(device: DeviceItem) {
    return [
      [t('devices.id'), <Id>{device.id}</Id>],
      [t('devices.label'), device.label === '' ? '–' : <Name>{device.label}</Name>],
      [t('devices.owner'), device.owner === null ? '–' : <Account uid={device.owner} />],
      [
        t('accounts.roles'),
        <Group gap={4}>
          {device.roles.map((role) => (
            <Id key={role}>{role}</Id>
          ))}
        </Group>,
      ],
      [t('accounts.createdAt'), <Moment at={device.created_at} />],
      [t('device.keyChanged'), <Moment at={device.key_changed_at} />],
      [t('devices.lastSeen'), <Moment at={device.last_seen} />],
    ] as const;
  }
}

function DeviceActs({ device }: { device: DeviceItem }) {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const path = `/api/admin/devices/${device.id}`;
  const act = device.state === 'active' ? 'disable' : 'enable';
  return (
    <Group gap="xs" role="group" aria-label={t('device.actsLabel')}>
      <ActButton
        permission="devices.write"
        label={t(`device.acts.${act}.label`)}
        text={t(`device.acts.${act}.text`, { id: device.id })}
        done={t(`device.acts.${act}.done`, { id: device.id })}
        takesReason
        isHarmful={act === 'disable'}
        run={(body) => session.call('POST', `${path}/${act}`, body)}
      />
      <ActButton
        permission="devices.write"
        label={t('device.acts.delete.label')}
        text={t('device.acts.delete.text', { id: device.id })}
        done={t('device.acts.delete.done', { id: device.id })}
        takesReason
        isHarmful
        run={(body) => session.call('DELETE', path, body)}
        leadsTo="/console/devices"
      />
    </Group>
  );
}
