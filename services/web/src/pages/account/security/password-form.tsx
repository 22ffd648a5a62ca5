import { Button, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { FormError } from '../../../parts/form-error.tsx';
import { NewPasswordField, newPasswordFieldOf } from '../../../parts/new-password-field.tsx';
import { PasswordField } from '../../../parts/password-field.tsx';
import { useSubmit } from '../../../parts/use-submit.ts';
import { Section } from '../parts/account-page.tsx';
import { Done } from '../parts/done.tsx';

const shown = {
  fields: ['current_password', 'new_password'],
  fieldOf: { ...newPasswordFieldOf, AUTH_INVALID_CREDENTIALS: 'current_password' },
};

/** Changes the password; all other sessions end. */
export function PasswordForm() {
  const { t } = useTranslation('account');
  const { session, state } = useSession();
  const [current, setCurrent] = useState('');
  const [wished, setWished] = useState('');
  const [done, setDone] = useState<string>();
  const { isBusy, errors, submit } = useSubmit(async () => {
    setDone(undefined);
    const body = { current_password: current, new_password: wished };
    await session.call('POST', '/api/auth/change-password', body);
    setCurrent('');
    setWished('');
    setDone(t('password.done'));
  }, shown);
  return (
    <Section title={t('password.title')} text={t('password.text')}>
      <form onSubmit={submit} noValidate>
        <Stack>
          {/* Tells password managers whose password it is. */}
          <input
            type="text"
            autoComplete="username"
            value={state.status === 'signed-in' ? state.user.username : ''}
            readOnly
            hidden
          />
          <PasswordField
            label={t('password.current')}
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            autoComplete="current-password"
            error={errors['current_password'] && t('common:password.wrong')}
            required
          />
          <NewPasswordField
            label={t('password.wished')}
            value={wished}
            onChange={setWished}
            error={errors['new_password']}
          />
          <FormError text={errors['form']} />
          <Done text={done} />
          <Button
            type="submit"
            loading={isBusy}
            disabled={current === '' || wished === ''}
            style={{ alignSelf: 'flex-start' }}
          >
            {t('password.submit')}
          </Button>
        </Stack>
      </form>
    </Section>
  );
}
