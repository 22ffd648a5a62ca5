import { Alert, Anchor, Button, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { currentLanguage } from '../../i18n/language.ts';
import { CardPage } from '../../parts/card-page.tsx';
import { FormError } from '../../parts/form-error.tsx';
import { useMailedToken } from '../../parts/mailed-token.ts';
import { NewPasswordField, newPasswordFieldOf } from '../../parts/new-password-field.tsx';
import { usePageConfig } from '../../parts/use-page-config.ts';
import { useSubmit } from '../../parts/use-submit.ts';

const fields = {
  fields: ['username', 'email', 'full_name', 'password', 'new_password'],
  fieldOf: { ...newPasswordFieldOf, RES_USERNAME_TAKEN: 'username' },
};

/** Creates an account; by the link of an invitation, or openly. */
export function RegisterPage({ isInvited = false }: { isInvited?: boolean }) {
  const { t } = useTranslation('auth');
  const { session } = useSession();
  const config = usePageConfig();
  const invitation = useMailedToken();
  const [values, setValues] = useState({ username: '', email: '', full_name: '', password: '' });
  const [isDone, setDone] = useState(false);
  const { isBusy, errors, submit } = useSubmit(async () => {
    const person = { ...values, username: values.username.trim(), email: values.email.trim() };
    await session.callOpenly('/api/auth/register', {
      ...person,
      full_name: values.full_name.trim(),
      language: currentLanguage(),
      ...(invitation !== undefined && { invitation }),
    });
    setDone(true);
  }, fields);
  const field = (name: Exclude<keyof typeof values, 'password'>) => ({
    label: t(`register.${name}`),
    value: values[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setValues((now) => ({ ...now, [name]: value }));
    },
    error: errors[name],
    required: true,
  });
  if (isDone) return <Registered mustConfirm={config?.email_verification === true} />;
  if (config?.registration === 'off' || (config?.registration === 'invitation' && !isInvited)) {
    return <CardPage title={t('register.title')} text={t('register.closed')} children={<ToSignIn />} />;
  }
  const isFilled = Object.values(values).every((value) => value.trim() !== '');
  return (
    <CardPage title={t('register.title')}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <FormError text={errors['form']} />
          <TextInput
            {...field('username')}
            description={t('register.usernameHint')}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
          />
          <TextInput {...field('full_name')} autoComplete="name" />
          <TextInput {...field('email')} type="email" autoComplete="email" />
          <NewPasswordField
            label={t('register.password')}
            value={values.password}
            onChange={(password) => setValues((now) => ({ ...now, password }))}
            error={errors['new_password'] ?? errors['password']}
          />
          <Button type="submit" loading={isBusy} disabled={!isFilled}>
            {t('register.submit')}
          </Button>
          <ToSignIn />
        </Stack>
      </form>
    </CardPage>
  );
}

/** The same whether the address was free or not: its owner gets a mail either way. */
function Registered({ mustConfirm }: { mustConfirm: boolean }) {
  const { t } = useTranslation('auth');
  return (
    <CardPage title={t('registered.title')}>
      <Alert color="teal" role="status">
        {t(mustConfirm ? 'registered.confirm' : 'registered.text')}
      </Alert>
      <ToSignIn />
    </CardPage>
  );
}

function ToSignIn() {
  const { t } = useTranslation('auth');
  return (
    <Anchor component={Link} to="/login" size="sm">
      {t('toSignIn')}
    </Anchor>
  );
}
