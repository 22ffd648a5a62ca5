import { Button, Group, NativeSelect, Paper, Stack, TagsInput, Text, TextInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Static } from 'typebox';
import type { Invited } from '../../../../contract/admin.ts';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { languageOptions } from '../../i18n/language.ts';
import { FormError } from '../../parts/form-error.tsx';
import { useStepUp } from '../../parts/use-step-up.tsx';
import { useSubmit } from '../../parts/use-submit.ts';
import { useNotice } from './parts/notice.tsx';
import { SecretOnce } from './parts/secret-once.tsx';
import { useRoleNames } from './parts/use-role-names.ts';

const shown = {
  fields: ['email', 'roles'],
  fieldOf: { RES_MAIL_IMPOSSIBLE: 'email', VAL_UNKNOWN_ROLE: 'roles' },
};

/** Invites somebody, by mail or by a link to pass on. */
export function InviteForm() {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const stepUp = useStepUp();
  const tell = useNotice();
  const queries = useQueryClient();
  const known = useRoleNames();
  const [email, setEmail] = useState('');
  const [roles, setRoles] = useState(['user']);
  const [language, setLanguage] = useState('en');
  const [token, setToken] = useState<string>();
  const { isBusy, errors, submit } = useSubmit(async () => {
    const to = email.trim();
    const body = { roles, language, ...(to !== '' && { email: to }) };
    const made = await stepUp(() =>
      session.call<Static<typeof Invited>>('POST', '/api/admin/invitations', body),
    );
    setToken(made.token);
    setEmail('');
    tell(made.token === undefined ? t('invitations.mailed') : t('invitations.made'));
    await queries.invalidateQueries({ queryKey: ['console'] });
  }, shown);
  return (
    <Paper withBorder p="md">
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <Title order={2} size="h4">
            {t('invitations.new')}
          </Title>
          <FormError text={errors['form']} />
          <Group align="flex-start">
            <TextInput
              type="email"
              label={t('invitations.email')}
              description={t('invitations.emailHint')}
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
              error={errors['email']}
              autoComplete="off"
              flex="1 1 240px"
            />
            <TagsInput
              label={t('accounts.roles')}
              description={t('roles.hint')}
              data={known}
              value={roles}
              onChange={setRoles}
              error={errors['roles']}
              maxTags={16}
              flex="1 1 200px"
            />
            <NativeSelect
              label={t('invitations.language')}
              description={t('invitations.languageHint')}
              value={language}
              onChange={(event) => setLanguage(event.currentTarget.value)}
              data={languageOptions}
            />
          </Group>
          <Group>
            <Button type="submit" loading={isBusy}>
              {t('invitations.submit')}
            </Button>
          </Group>
          {token !== undefined && (
            <SecretOnce
              text={<Text size="sm">{t('invitations.linkText')}</Text>}
              secret={`${location.origin}/invitation#token=${token}`}
              label={t('invitations.link')}
            />
          )}
        </Stack>
      </form>
    </Paper>
  );
}
