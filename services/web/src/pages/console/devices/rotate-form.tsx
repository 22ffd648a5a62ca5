import { Button, Group, NativeSelect, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Static } from 'typebox';
import type { DeviceItem, RotatedKey } from '../../../../../contract/admin-devices.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { FormError } from '../../../parts/form-error.tsx';
import { Moment } from '../../../parts/moment.tsx';
import { useStepUp } from '../../../parts/use-step-up.tsx';
import { useSubmit } from '../../../parts/use-submit.ts';
import { SecretOnce } from '../parts/secret-once.tsx';

const overlaps = [0, 300, 3600, 86_400, 604_800] as const;

/** Gives the device another key; the old one may work on for a while, so that the device is never without. */
export function RotateForm({ device }: { device: DeviceItem }) {
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
