import { Badge, Button, Group, Paper, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OwnDevice } from '../../../../../contract/native-devices.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { Moment } from '../../../parts/moment.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Fact } from '../parts/fact.tsx';
import { NewKeyDialog } from './new-key-dialog.tsx';

/** One device of the account. */
export function DeviceCard({
  device,
  onDone,
}: {
  device: OwnDevice;
  /** With what was done, to be said. */
  onDone: (text: string | undefined) => Promise<void>;
}) {
  const { t } = useTranslation('account');
  const { session } = useSession();
  const [wantsKey, setWantsKey] = useState(false);
  const { id, label, state } = device;
  const isActive = state === 'active';
  const act = isActive ? 'disable' : 'enable';
  const name = label === '' ? id : label;
  return (
    <Paper component="li" withBorder p="md" aria-label={name}>
      <Group gap="xs" mb="xs">
        <Text fw={600} className="wrap-anywhere">
          <bdi>{name}</bdi>
        </Text>
        <Badge className="plain-badge" variant="light" color={isActive ? 'teal' : 'red'}>
          {t(`devices.state.${state}`)}
        </Badge>
      </Group>
      <dl className="account-facts">
        <Fact name={t('devices.id')}>
          <span className="ltr">{id}</span>
        </Fact>
        <Fact name={t('devices.connection')}>{t(`devices.connected.${connectionOf(device)}`)}</Fact>
        <Fact name={t('devices.lastSeen')}>
          <Moment at={device.last_seen} />
        </Fact>
        <Fact name={t('devices.keySince')}>
          <Moment at={device.key_changed_at} />
        </Fact>
      </dl>
      {device.disabled_by === 'operator' && (
        <Text size="sm" mt="sm">
          {t('devices.byOperator')}
        </Text>
      )}
      <Group gap="xs" mt="md">
        {device.disabled_by !== 'operator' && (
          <ConfirmButton
            label={t(`devices.${act}`)}
            target={name}
            text={t(`devices.${act}Text`, { name })}
            isHarmful={isActive}
            run={async () => {
              await session.call('POST', `/api/auth/devices/${id}/${act}`);
              await onDone(t(`devices.${act}Done`, { name }));
            }}
          />
        )}
        <Button
          variant="default"
          size="compact-sm"
          aria-label={`${t('newKey.title')}: ${name}`}
          onClick={() => setWantsKey(true)}
        >
          {t('newKey.title')}
        </Button>
      </Group>
      {wantsKey && (
        <NewKeyDialog
          id={id}
          onClose={() => {
            setWantsKey(false);
            void onDone(undefined);
          }}
        />
      )}
    </Paper>
  );
}

/** A device may have several connections; one is enough. */
function connectionOf({ clients }: OwnDevice): 'yes' | 'no' | 'unknown' {
  if (clients.some(({ connected }) => connected === true)) return 'yes';
  return clients.some(({ connected }) => connected === 'unknown') ? 'unknown' : 'no';
}
