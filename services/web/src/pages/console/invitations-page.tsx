import { Button, Group, NativeSelect, Paper, Stack, TagsInput, Text, TextInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Static } from 'typebox';
import type { Invited, InvitationList } from '../../../../contract/admin.ts';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { FormError } from '../../parts/form-error.tsx';
import { useStepUp } from '../../parts/use-step-up.tsx';
import { useSubmit } from '../../parts/use-submit.ts';
import { ActButton } from './parts/act-button.tsx';
import { ConsolePage, ReadFault } from './parts/console-page.tsx';
import { DataTable, type Column } from './parts/data-table.tsx';
import { Moment } from './parts/moment.tsx';
import { useNotice } from './parts/notice.tsx';
import { SecretOnce } from './parts/secret-once.tsx';
import { useRead } from './parts/use-read.ts';
import { useRoleNames } from './parts/use-role-names.ts';
import { Id, Name, visible } from './parts/visible-text.tsx';

type List = Static<typeof InvitationList>;
type Invitation = List['invitations'][number];

/** Invitations that nobody has used yet, and a form for another one. */
export function InvitationsPage() {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const { data, error, refetch } = useRead<List>('/invitations');
  const columns: Column<Invitation>[] = [
    {
      name: t('invitations.email'),
      show: ({ email }) => (email === '' ? t('invitations.anybody') : <Name>{email}</Name>),
    },
    {
      name: t('accounts.roles'),
      show: ({ roles }) => (
        <Group gap={4}>
          {roles.map((role) => (
            <Id key={role}>{role}</Id>
          ))}
        </Group>
      ),
    },
    { name: t('invitations.until'), show: ({ valid_until: at }) => <Moment at={at} /> },
    ...(session.hasPermission('invitations.write')
      ? [
          {
            name: t('actions'),
            show: ({ id, email }: Invitation) => (
              <ActButton
                permission="invitations.write"
                label={t('invitations.revoke')}
                target={visible(email)}
                text={t('invitations.revokeText')}
                done={t('invitations.revokeDone')}
                isHarmful
                run={() => session.call('DELETE', `/api/admin/invitations/${id}`)}
              />
            ),
          },
        ]
      : []),
  ];
  return (
    <ConsolePage title={t('pages.invitations')} text={t('invitations.text')}>
      {session.hasPermission('invitations.write') && <InviteForm />}
      {error && <ReadFault error={error} retry={() => void refetch()} />}
      <DataTable
        label={t('pages.invitations')}
        columns={columns}
        rows={data?.invitations}
        keyOf={({ id }) => id}
        empty={t('invitations.none')}
      />
    </ConsolePage>
  );
}

const shown = {
  fields: ['email', 'roles'],
  fieldOf: { RES_MAIL_IMPOSSIBLE: 'email', VAL_UNKNOWN_ROLE: 'roles' },
};

function InviteForm() {
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
              data={[
                { value: 'en', label: 'English' },
                { value: 'ar', label: 'العربية' },
              ]}
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
