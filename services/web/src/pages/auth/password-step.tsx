import { Anchor, Button, Checkbox, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useSession } from '../../../../client/react/auth-provider.ts';
import type { EndReason } from '../../../../client/session-state.ts';
import { CardPage } from '../../parts/card-page.tsx';
import { FormError } from '../../parts/form-error.tsx';
import { PasswordField } from '../../parts/password-field.tsx';
import { usePageConfig } from '../../parts/use-page-config.ts';
import { useSubmit } from '../../parts/use-submit.ts';
import { EndedNotice } from './ended-notice.tsx';

const fields = { fields: ['username', 'password'] };

/** Username and password; above them, why somebody who was signed in is here. */
export function PasswordStep({ reason }: { reason: EndReason | undefined }) {
  const { t } = useTranslation('auth');
  const { session } = useSession();
  const config = usePageConfig();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [remember, setRemember] = useState(true);
  const { isBusy, errors, submit } = useSubmit(async () => {
    await session.signIn({ username, password, remember });
  }, fields);
  return (
    <CardPage title={t('signIn.title')}>
      <EndedNotice reason={reason} />
      <form onSubmit={submit} noValidate>
        <Stack>
          <FormError text={errors['form']} />
          <TextInput
            label={t('signIn.username')}
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            error={errors['username']}
            required
            autoFocus
          />
          <PasswordField
            label={t('signIn.password')}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="current-password"
            error={errors['password']}
            required
          />
          <Checkbox
            label={t('signIn.remember')}
            description={t('signIn.rememberHint')}
            checked={remember}
            onChange={(event) => setRemember(event.currentTarget.checked)}
          />
          <Button type="submit" loading={isBusy} disabled={username.trim() === '' || password === ''}>
            {t('signIn.submit')}
          </Button>
          <Group justify="space-between" mih={26}>
            {config?.can_mail && (
              <Anchor component={Link} to="/forgot-password" size="sm">
                {t('signIn.forgot')}
              </Anchor>
            )}
            {config?.registration === 'open' && (
              <Anchor component={Link} to="/register" size="sm">
                {t('signIn.register')}
              </Anchor>
            )}
          </Group>
        </Stack>
      </form>
    </CardPage>
  );
}
