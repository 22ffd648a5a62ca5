import { Alert, Anchor, Button, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { CardPage } from '../../parts/card-page.tsx';
import { FormError } from '../../parts/form-error.tsx';
import { useMailedToken } from '../../parts/mailed-token.ts';
import { NewPasswordField, newPasswordFieldOf } from '../../parts/new-password-field.tsx';
import { useSubmit } from '../../parts/use-submit.ts';

const fields = { fields: ['new_password'], fieldOf: newPasswordFieldOf };

/** Sets a new password by the link of a mail. Signing in comes after it, second factor and all. */
export function ResetPasswordPage() {
  const { t } = useTranslation('auth');
  const { session } = useSession();
  const token = useMailedToken();
  const [password, setPassword] = useState('');
  const [isDone, setDone] = useState(false);
  const { isBusy, errors, submit } = useSubmit(async () => {
    await session.callOpenly('/api/auth/reset-password', { token, new_password: password });
    setDone(true);
  }, fields);
  if (token === undefined) return <BadLink />;
  return (
    <CardPage title={t('reset.title')}>
      {isDone ? (
        <Alert color="teal" role="status">
          {t('reset.done')}
        </Alert>
      ) : (
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
              {t('reset.submit')}
            </Button>
          </Stack>
        </form>
      )}
      <Anchor component={Link} to={errors['form'] === undefined ? '/login' : '/forgot-password'} size="sm">
        {t(errors['form'] === undefined ? 'toSignIn' : 'reset.newLink')}
      </Anchor>
    </CardPage>
  );
}

/** A link that lost its token: cut by a mail program, or typed. */
function BadLink() {
  const { t } = useTranslation('auth');
  return (
    <CardPage title={t('reset.title')}>
      <Alert color="red" role="alert">
        {t('reset.badLink')}
      </Alert>
      <Anchor component={Link} to="/forgot-password" size="sm">
        {t('reset.newLink')}
      </Anchor>
    </CardPage>
  );
}
