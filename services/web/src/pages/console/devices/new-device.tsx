import { Button, Group, Modal, Stack, TagsInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Static } from 'typebox';
import type { DeviceWithKey } from '../../../../../contract/admin-devices.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { FormError } from '../../../parts/form-error.tsx';
import { useReturnFocus } from '../../../parts/use-return-focus.ts';
import { useStepUp } from '../../../parts/use-step-up.tsx';
import { useSubmit } from '../../../parts/use-submit.ts';
import { SecretOnce } from '../parts/secret-once.tsx';
import { useRoleNames } from '../parts/use-role-names.ts';

const shown = {
  fields: ['id', 'label', 'owner', 'roles'],
  fieldOf: { RES_DEVICE_ID_TAKEN: 'id', VAL_UNKNOWN_ROLE: 'roles' },
};

/** Makes a device and shows its key, this once. */
export function NewDevice({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('console');
  useReturnFocus();
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
      closeButtonProps={{ 'aria-label': t('common:dialog.close') }}
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
                {t('common:dialog.cancel')}
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
