import { Alert, Button, Code, CopyButton, Group, Modal, NativeSelect, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Static } from 'typebox';
import type { RotatedKey } from '../../../../../contract/admin-devices.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { FormError } from '../../../parts/form-error.tsx';
import { useReturnFocus } from '../../../parts/use-return-focus.ts';
import { useStepUp } from '../../../parts/use-step-up.tsx';
import { useSubmit } from '../../../parts/use-submit.ts';

const overlaps = ['0', '3600', '86400'] as const;

/** Gives a device another key, which is shown this once. */
export function NewKeyDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation('account');
  const [key, setKey] = useState<string>();
  useReturnFocus();
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('newKey.title')}
      // A stray click must not take the key away.
      closeOnClickOutside={key === undefined}
      closeOnEscape={key === undefined}
      closeButtonProps={{ 'aria-label': t('common:dialog.close') }}
      centered
    >
      {key === undefined ? (
        <NewKeyForm id={id} onKey={setKey} onClose={onClose} />
      ) : (
        <KeyOnce id={id} deviceKey={key} onClose={onClose} />
      )}
    </Modal>
  );
}

function NewKeyForm({
  id,
  onKey,
  onClose,
}: {
  id: string;
  onKey: (key: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation('account');
  const { session } = useSession();
  const stepUp = useStepUp();
  const [overlap, setOverlap] = useState<string>('0');
  const { isBusy, errors, submit } = useSubmit(async () => {
    const body = { overlap_seconds: Number(overlap) };
    const path = `/api/auth/devices/${id}/rotate-key`;
    const rotated = await stepUp(() => session.call<Static<typeof RotatedKey>>('POST', path, body));
    onKey(rotated.key);
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text>{t('newKey.text')}</Text>
        <FormError text={errors['form']} />
        <NativeSelect
          label={t('newKey.overlap')}
          value={overlap}
          onChange={(event) => setOverlap(event.currentTarget.value)}
          data={overlaps.map((value) => ({ value, label: t(`newKey.overlaps.${value}`) }))}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} disabled={isBusy}>
            {t('common:dialog.cancel')}
          </Button>
          <Button type="submit" loading={isBusy}>
            {t('newKey.submit')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function KeyOnce({ id, deviceKey, onClose }: { id: string; deviceKey: string; onClose: () => void }) {
  const { t } = useTranslation('account');
  return (
    <Stack>
      <Alert color="teal" role="status">
        <Stack gap="xs">
          <Text size="sm">{t('newKey.once')}</Text>
          <Text size="sm" c="dimmed">
            {t('newKey.username')} <span className="ltr">{`d:${id}`}</span>
          </Text>
          <Code className="ltr wrap-anywhere" fz="md" aria-label={t('newKey.key')}>
            {deviceKey}
          </Code>
        </Stack>
      </Alert>
      <Group justify="flex-end">
        <CopyButton value={deviceKey}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {t(copied ? 'newKey.copied' : 'newKey.copy')}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>{t('newKey.close')}</Button>
      </Group>
    </Stack>
  );
}
