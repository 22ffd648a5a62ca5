import { Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Static } from 'typebox';
import type { InvitationList } from '../../../../contract/admin.ts';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { InviteForm } from './invite-form.tsx';
import { ActButton } from './parts/act-button.tsx';
import { ReadFault } from '../../parts/read-fault.tsx';
import { ConsolePage } from './parts/console-page.tsx';
import { DataTable, type Column } from './parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useRead } from './parts/use-read.ts';
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
