import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '../../../../../contract/native.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { FormError } from '../../../parts/form-error.tsx';
import { usePageConfig } from '../../../parts/use-page-config.ts';
import { useStepUp } from '../../../parts/use-step-up.tsx';
import { useSubmit } from '../../../parts/use-submit.ts';
import { Section } from '../parts/account-page.tsx';
import { Done } from '../parts/done.tsx';

/** Asks for another e-mail address, which counts once the link that is mailed there was used. */
export function EmailForm({ user }: { user: User }) {
  const { t } = useTranslation('account');
  const { session } = useSession();
  const stepUp = useStepUp();
  const config = usePageConfig();
  const [email, setEmail] = useState('');
  const [done, setDone] = useState<string>();
  const { isBusy, errors, submit } = useSubmit(
    async () => {
      setDone(undefined);
      const wished = email.trim();
      await stepUp(() => session.call('POST', '/api/auth/change-email', { email: wished }));
      setEmail('');
      setDone(t('email.done', { email: wished }));
    },
    { fields: ['email'] },
  );
  return (
    <Section title={t('email.title')}>
      <Text>
        {t('email.now')}{' '}
        <Text component="span" fw={600} className="wrap-anywhere">
          <bdi>{user.email === '' ? '–' : user.email}</bdi>
        </Text>
      </Text>
      {config?.can_mail === false ? (
        <Text c="dimmed">{t('email.noMail')}</Text>
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack>
            <TextInput
              label={t('email.wished')}
              description={t('email.hint')}
              type="email"
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
              autoComplete="email"
              error={errors['email']}
              required
            />
            <FormError text={errors['form']} />
            <Done text={done} />
            <Button
              type="submit"
              variant="default"
              loading={isBusy}
              disabled={email.trim() === ''}
              style={{ alignSelf: 'flex-start' }}
            >
              {t('email.submit')}
            </Button>
          </Stack>
        </form>
      )}
    </Section>
  );
}
