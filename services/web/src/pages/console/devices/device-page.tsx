import { Button, Group, NativeSelect, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import type { Static } from 'typebox';
import type { DeviceItem, RotatedKey } from '../../../../../contract/admin-devices.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { FormError } from '../../../parts/form-error.tsx';
import { useStepUp } from '../../../parts/use-step-up.tsx';
import { useSubmit } from '../../../parts/use-submit.ts';
import { Connected } from '../clients-page.tsx';
import { ActButton } from '../parts/act-button.tsx';
import { ConsolePage, ReadFault } from '../parts/console-page.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Facts } from '../parts/facts.tsx';
import { Moment } from '../parts/moment.tsx';
import { SecretOnce } from '../parts/secret-once.tsx';
import { useRead } from '../parts/use-read.ts';
import { AccountLink, Id, Name } from '../parts/visible-text.tsx';
import { DeviceState } from './devices-page.tsx';

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
      <Link to="/console/devices">{t('device.toAll')}</Link>
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
    const mayRead = session.hasPermission('accounts.read');
    return [
      [t('devices.id'), <Id>{device.id}</Id>],
      [t('devices.label'), device.label === '' ? '–' : <Name>{device.label}</Name>],
      [t('devices.owner'), device.owner === null ? '–' : <AccountLink uid={device.owner} isLink={mayRead} />],
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
  const navigate = useNavigate();
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
        onDone={() => void navigate('/console/devices')}
      />
    </Group>
  );
}

const overlaps = [0, 300, 3600, 86_400, 604_800] as const;

/** Gives the device another key; the old one may work on for a while, so that the device is never without. */
function RotateForm({ device }: { device: DeviceItem }) {
  const { t, i18n } = useTranslation('console');
  const { session } = useSession();
  const stepUp = useStepUp();
  const [overlap, setOverlap] = useState('0');
  const [rotated, setRotated] = useState<Static<typeof RotatedKey>>();
  const { isBusy, errors, submit } = useSubmit(async () => {
    const body = { overlap_seconds: Number(overlap) };
    const path = `/api/admin/devices/${device.id}/rotate-key`;
    setRotated(await stepUp(() => session.call<Static<typeof RotatedKey>>('POST', path, body)));
  });
  return (
    <Paper withBorder p="md">
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <Title order={2} size="h4">
            {t('device.rotate')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('device.rotateText')}
          </Text>
          <FormError text={errors['form']} />
          <Group align="flex-end">
            <NativeSelect
              label={t('device.overlap')}
              value={overlap}
              onChange={(event) => setOverlap(event.currentTarget.value)}
              data={overlaps.map((seconds) => ({
                value: String(seconds),
                label: seconds === 0 ? t('device.noOverlap') : durationText(seconds, i18n.language),
              }))}
            />
            <Button type="submit" color="red" variant="light" loading={isBusy}>
              {t('device.rotateSubmit')}
            </Button>
          </Group>
          {rotated && (
            <SecretOnce
              text={
                <>
                  {t('devices.keyText', { username: `d:${device.id}` })}{' '}
                  {overlap !== '0' && (
                    <>
                      {t('device.oldKeyUntil')} <Moment at={rotated.old_key_until} />
                    </>
                  )}
                </>
              }
              secret={rotated.key}
              label={t('devices.key')}
            />
          )}
        </Stack>
      </form>
    </Paper>
  );
}

function durationText(seconds: number, language: string): string {
  const [amount, unit] =
    seconds % 86_400 === 0
      ? [seconds / 86_400, 'day']
      : seconds % 3600 === 0
        ? [seconds / 3600, 'hour']
        : [seconds / 60, 'minute'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(amount);
}
