import { Button, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { CardPage } from '../../parts/card-page.tsx';
import { FormError } from '../../parts/form-error.tsx';
import { NewPasswordField, newPasswordFieldOf } from '../../parts/new-password-field.tsx';
import { useSubmit } from '../../parts/use-submit.ts';
import { CancelSignIn } from './cancel-sign-in.tsx';

const fields = { fields: ['new_password'], fieldOf: newPasswordFieldOf };

/** The sign-in waits for a new password. */
export function NewPasswordStep() {
  const { t } = useTranslation('auth');
  const { session } = useSession();
  const [password, setPassword] = useState('');
  const { isBusy, errors, submit } = useSubmit(async () => {
    await session.steps.setPassword(password);
  }, fields);
  return (
    <CardPage title={t('newPassword.title')} text={t('newPassword.text')}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <FormError text={errors['form']} />
          <NewPasswordField
            label={t('newPassword.password')}
            value={password}
            onChange={setPassword}
            error={errors['new_password']}
          />
          <Button type="submit" loading={isBusy} disabled={password === ''}>
            {t('newPassword.submit')}
          </Button>
          <CancelSignIn />
        </Stack>
      </form>
    </CardPage>
  );
}
