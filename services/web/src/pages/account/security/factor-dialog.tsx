import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { FormError } from '../../../parts/form-error.tsx';
import { PasswordField } from '../../../parts/password-field.tsx';
import { useReturnFocus } from '../../../parts/use-return-focus.ts';
import { useSubmit } from '../../../parts/use-submit.ts';

/** What is done with a second factor that is on. */
export type FactorAct = 'disable' | 'regenerate';

const paths = {
  disable: '/api/auth/2fa/disable',
  regenerate: '/api/auth/2fa/backup-codes/regenerate',
} as const;

const shown = {
  fields: ['password', 'code', 'role'],
  fieldOf: {
    AUTH_INVALID_CREDENTIALS: 'password',
    AUTH_MFA_INVALID: 'code',
    AUTH_INSUFFICIENT_PERMISSIONS: 'role',
  },
};

/**
 * Asks for the password and a code, then does it. A code works once: so both are asked for here, and not by a step-up
 * that would use the code up.
 */
export function FactorDialog({
  act,
  onClose,
  onDone,
}: {
  act: FactorAct;
  onClose: () => void;
  /** With the backup codes that were made. */
  onDone: (codes: readonly string[] | undefined) => void;
}) {
  const { t } = useTranslation('account');
  const { session } = useSession();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  useReturnFocus();
  const { isBusy, errors, submit } = useSubmit(async () => {
    const body = { password, code: code.trim() };
    const answer = await session.call<{ backup_codes?: string[] }>('POST', paths[act], body);
    onDone(answer.backup_codes);
  }, shown);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(`factor.${act}`)}
      closeButtonProps={{ 'aria-label': t('common:dialog.close') }}
      centered
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text>{t(`factor.${act}Text`)}</Text>
          <FormError text={errors['form'] ?? (errors['role'] && t('factor.demanded'))} />
          <PasswordField
            label={t('factor.password')}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="current-password"
            error={errors['password'] && t('common:password.wrong')}
            required
            data-autofocus
          />
          <TextInput
            label={t('factor.code')}
            description={t('factor.codeHint')}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            autoComplete="one-time-code"
            spellCheck={false}
            error={errors['code']}
            required
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={isBusy}>
              {t('common:dialog.cancel')}
            </Button>
            <Button
              type="submit"
              loading={isBusy}
              disabled={password === '' || code.trim() === ''}
              {...(act === 'disable' && { color: 'red' })}
            >
              {t(`factor.${act}`)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
