import { Badge, Button, Group, Modal, Stack, TagsInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Static } from 'typebox';
import type { DeviceItem, DeviceWithKey } from '../../../../../contract/admin-devices.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { FormError } from '../../../parts/form-error.tsx';
import { useStepUp } from '../../../parts/use-step-up.tsx';
import { useSubmit } from '../../../parts/use-submit.ts';
import { Connected } from '../clients-page.tsx';
import { ConsolePage, ReadFault } from '../parts/console-page.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Moment } from '../parts/moment.tsx';
import { MoreButton } from '../parts/more-button.tsx';
import { SecretOnce } from '../parts/secret-once.tsx';
import { usePages } from '../parts/use-read.ts';
import { useRoleNames } from '../parts/use-role-names.ts';
import { Id, Name } from '../parts/visible-text.tsx';

/** All devices, and the way to make another one. */
export function DevicesPage() {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const [isOpen, setOpen] = useState(false);
  const pages = usePages<{ devices: DeviceItem[]; next?: string }>('/devices?limit=50', { isLive: true });
  const columns: Column<DeviceItem>[] = [
    {
      name: t('devices.id'),
      show: ({ id }) => (
        <Link to={`/console/devices/${id}`}>
          <Id>{id}</Id>
        </Link>
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
      {pages.error ? (
        <ReadFault error={pages.error} retry={() => void pages.refetch()} />
      ) : (
        <DataTable
          label={t('pages.devices')}
          columns={columns}
          rows={pages.data?.pages.flatMap(({ devices }) => devices)}
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

const shown = {
  fields: ['id', 'label', 'owner', 'roles'],
  fieldOf: { RES_DEVICE_ID_TAKEN: 'id', VAL_UNKNOWN_ROLE: 'roles' },
};

function NewDevice({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const stepUp = useStepUp();
  const queries = useQueryClient();
  const known = useRoleNames();
  const [device, setDevice] = useState({ id: '', label: '', owner: '' });
  const [roles, setRoles] = useState(['device']);
  const [key, setKey] = useState<string>();
  const { isBusy, errors, submit } = useSubmit(async () => {
    const { id, label, owner } = device;
    const body = { id: id.trim(), label: label.trim(), roles, ...(owner.trim() && { owner: owner.trim() }) };
    const made = await stepUp(() =>
      session.call<Static<typeof DeviceWithKey>>('POST', '/api/admin/devices', body),
    );
    setKey(made.key);
    await queries.invalidateQueries({ queryKey: ['console'] });
  }, shown);
  const field = (name: keyof typeof device) => ({
    label: t(`devices.${name}`),
    description: t(`devices.${name}Hint`),
    value: device[name],
    onChange: (event: { currentTarget: HTMLInputElement }) =>
      setDevice({ ...device, [name]: event.currentTarget.value }),
    error: errors[name],
    autoComplete: 'off',
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('devices.new')}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {key !== undefined ? (
        <Stack>
          <SecretOnce
            text={t('devices.keyText', { username: `d:${device.id.trim()}` })}
            secret={key}
            label={t('devices.key')}
          />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('devices.keyKept')}</Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack>
            <FormError text={errors['form']} />
            <TextInput {...field('id')} required maxLength={64} data-autofocus />
            <TextInput {...field('label')} maxLength={200} />
            <TextInput {...field('owner')} maxLength={22} />
            <TagsInput
              label={t('accounts.roles')}
              description={t('roles.hint')}
              data={known}
              value={roles}
              onChange={setRoles}
              error={errors['roles']}
              maxTags={16}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {t('cancel')}
              </Button>
              <Button type="submit" loading={isBusy} disabled={device.id.trim() === ''}>
                {t('devices.submit')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
