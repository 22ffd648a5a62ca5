import { Alert, Anchor, Button, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { CardPage } from '../../parts/card-page.tsx';
import { FormError } from '../../parts/form-error.tsx';
import { useSubmit } from '../../parts/use-submit.ts';

const fields = { fields: ['email'] };

/** Asks for a mail with a link; says the same whether the address has an account or not. */
export function ForgotPasswordPage() {
  const { t } = useTranslation('auth');
  const { session } = useSession();
  const [email, setEmail] = useState('');
  const [isDone, setDone] = useState(false);
  const { isBusy, errors, submit } = useSubmit(async () => {
    await session.callOpenly('/api/auth/forgot-password', { email: email.trim() });
    setDone(true);
  }, fields);
  return (
    <CardPage title={t('forgot.title')} text={isDone ? undefined : t('forgot.text')}>
      {isDone ? (
        <Alert color="teal" role="status">
          {t('forgot.done')}
        </Alert>
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack>
            <FormError text={errors['form']} />
            <TextInput
              label={t('forgot.email')}
              type="email"
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
              autoComplete="email"
              error={errors['email']}
              required
              autoFocus
            />
            <Button type="submit" loading={isBusy} disabled={email.trim() === ''}>
              {t('forgot.submit')}
            </Button>
          </Stack>
        </form>
      )}
      <Anchor component={Link} to="/login" size="sm">
        {t('toSignIn')}
      </Anchor>
    </CardPage>
  );
}
