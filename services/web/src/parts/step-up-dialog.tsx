import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../client/react/auth-provider.ts';
import { SessionError } from '../../../client/session-error.ts';
import { FormError } from './form-error.tsx';
import { PasswordField } from './password-field.tsx';
import { useSubmit } from './use-submit.ts';

const shown = {
  fields: ['password', 'code'],
  fieldOf: { AUTH_INVALID_CREDENTIALS: 'password', AUTH_MFA_INVALID: 'code' },
};

/** Asks for the password once more, and for a code where a second factor is on. */
export default function StepUpDialog({ onProved, onClose }: { onProved: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const { session } = useSession();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [needsCode, setNeedsCode] = useState(false);
  const { isBusy, errors, submit } = useSubmit(async () => {
    try {
      await session.call('POST', '/api/auth/step-up', { password, ...(needsCode && { code: code.trim() }) });
      onProved();
    } catch (error) {
      if (error instanceof SessionError && error.code === 'AUTH_MFA_REQUIRED' && !needsCode) {
        setNeedsCode(true);
      } else throw error;
    }
  }, shown);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('stepUp.title')}
      closeButtonProps={{ 'aria-label': t('dialog.close') }}
      zIndex={400}
      centered
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text>{t('stepUp.text')}</Text>
          <FormError text={errors['form']} />
          <PasswordField
            label={t('stepUp.password')}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="current-password"
            error={errors['password'] && t('password.wrong')}
            required
            data-autofocus
          />
          {needsCode && (
            <TextInput
              label={t('stepUp.code')}
              description={t('stepUp.codeHint')}
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
              autoComplete="one-time-code"
              error={errors['code']}
              required
              autoFocus
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('dialog.cancel')}
            </Button>
            <Button
              type="submit"
              loading={isBusy}
              disabled={password === '' || (needsCode && code.trim() === '')}
            >
              {t('stepUp.submit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
