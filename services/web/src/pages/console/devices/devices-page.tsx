import { Badge, Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceItem } from '../../../../../contract/admin-devices.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { Connected } from '../clients-page.tsx';
import { ReadFault } from '../../../parts/read-fault.tsx';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Moment } from '../../../parts/moment.tsx';
import { MoreButton } from '../parts/more-button.tsx';
import { usePages } from '../parts/use-read.ts';
import { Id, Name } from '../parts/visible-text.tsx';
import { To } from '../parts/to.tsx';
import { NewDevice } from './new-device.tsx';

/** All devices, and the way to make another one. */
export function DevicesPage() {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const [isOpen, setOpen] = useState(false);
  const { pages, items, error, refetch } = usePages<DeviceItem>('/devices?limit=50', 'devices', {
    isLive: true,
  });
  const columns: Column<DeviceItem>[] = [
    {
      name: t('devices.id'),
      show: ({ id }) => (
        <To path={`devices/${id}`}>
          <Id>{id}</Id>
        </To>
      ),
    },
    { name: t('devices.label'), show: ({ label }) => (label === '' ? '–' : <Name>{label}</Name>) },
    { name: t('accounts.state'), show: ({ state }) => <DeviceState state={state} /> },
    { name: t('clients.connected'), show: (device) => <Connected connected={isConnected(device)} /> },
    { name: t('devices.lastSeen'), show: ({ last_seen: at }) => <Moment at={at} /> },
  ];
  return (
    <ConsolePage
      title={t('pages.devices')}
      actions={
        session.hasPermission('devices.write') && (
          <Button onClick={() => setOpen(true)}>{t('devices.new')}</Button>
        )
      }
    >
      {isOpen && <NewDevice onClose={() => setOpen(false)} />}
      {error && !items ? (
        <ReadFault error={error} retry={() => void refetch()} />
      ) : (
        <DataTable
          label={t('pages.devices')}
          columns={columns}
          rows={items}
          keyOf={({ id }) => id}
          empty={t('devices.none')}
        />
      )}
      <MoreButton pages={pages} />
    </ConsolePage>
  );
}

/** Whether a device may connect. */
export function DeviceState({ state }: { state: DeviceItem['state'] }) {
  const { t } = useTranslation('console');
  return (
    <Badge variant="light" color={state === 'active' ? 'teal' : 'orange'} className="badge">
      {t(`accounts.states.${state}`)}
    </Badge>
  );
}

function isConnected({ clients }: DeviceItem): boolean | 'unknown' {
  if (clients.some(({ connected }) => connected === true)) return true;
  return clients.some(({ connected }) => connected === 'unknown') ? 'unknown' : false;
}
