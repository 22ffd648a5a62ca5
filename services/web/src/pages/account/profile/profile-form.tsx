import { Button, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '../../../../../contract/native.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { languageOptions } from '../../../i18n/language.ts';
import { FormError } from '../../../parts/form-error.tsx';
import { useSubmit } from '../../../parts/use-submit.ts';
import { Section } from '../parts/account-page.tsx';
import { Done } from '../parts/done.tsx';

/** The full name, and the language of mails. */
export function ProfileForm({ user }: { user: User }) {
  const { t } = useTranslation('account');
  const { session } = useSession();
  const queries = useQueryClient();
  const [fullName, setFullName] = useState(user.full_name);
  const [language, setLanguage] = useState(user.language);
  const [done, setDone] = useState<string>();
  const { isBusy, errors, submit } = useSubmit(
    async () => {
      setDone(undefined);
      const body = { full_name: fullName.trim(), language };
      queries.setQueryData(['account', '/me'], await session.call<User>('PUT', '/api/auth/me', body));
      setDone(t('profile.saved'));
    },
    { fields: ['full_name', 'language'] },
  );
  const isChanged = fullName.trim() !== user.full_name || language !== user.language;
  return (
    <Section title={t('profile.title')}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={t('profile.username')}
            description={t('profile.usernameHint')}
            value={user.username}
            readOnly
            variant="filled"
          />
          <TextInput
            label={t('profile.fullName')}
            value={fullName}
            onChange={(event) => setFullName(event.currentTarget.value)}
            autoComplete="name"
            maxLength={200}
            error={errors['full_name']}
            required
          />
          <NativeSelect
            label={t('profile.language')}
            data={languageOptions}
            value={language}
            onChange={(event) => setLanguage(event.currentTarget.value)}
            error={errors['language']}
          />
          <FormError text={errors['form']} />
          <Done text={done} />
          <Button
            type="submit"
            loading={isBusy}
            disabled={!isChanged || fullName.trim() === ''}
            style={{ alignSelf: 'flex-start' }}
          >
            {t('profile.save')}
          </Button>
        </Stack>
      </form>
    </Section>
  );
}
