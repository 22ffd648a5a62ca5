import { Group, Paper, Skeleton, Stack, Title } from '@mantine/core';
import type { Static } from 'typebox';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import type { AccountDetails } from '../../../../../contract/admin.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { ReadFault } from '../../../parts/read-fault.tsx';
import { ConsolePage } from '../parts/console-page.tsx';
import { Facts } from '../parts/facts.tsx';
import { Moment } from '../../../parts/moment.tsx';
import { useRead } from '../parts/use-read.ts';
import { Id, Name, visible } from '../parts/visible-text.tsx';
import { AccountActs } from './account-acts.tsx';
import { AccountSessions } from './account-sessions.tsx';
import { RolesForm } from './roles-form.tsx';
import { StateBadge } from './state-badge.tsx';
import { To } from '../parts/to.tsx';

export type Account = Static<typeof AccountDetails>;

/** One account: what is known of it, its sessions, and what an operator can do for it or against it. */
export function AccountPage() {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const { uid = '' } = useParams();
  const { data: account, error, refetch } = useRead<Account>(`/accounts/${encodeURIComponent(uid)}`);
  const title = account ? t('account.title', { name: visible(account.username) }) : t('account.untitled');
  return (
    <ConsolePage title={title} {...(account && { actions: <StateBadge account={account} /> })}>
      <To path="accounts">{t('account.toAll')}</To>
      {error && <ReadFault error={error} retry={() => void refetch()} />}
      {!account && !error && <Skeleton height={320} />}
      {account && (
        <>
          <AccountFacts account={account} />
          <AccountActs account={account} />
          {session.hasPermission('roles.assign') && account.state !== 'deleted' && (
            <RolesForm account={account} key={account.roles.join()} />
          )}
          {session.hasPermission('sessions.read') && <AccountSessions account={account} />}
          {session.hasPermission('audit.read') && (
            <To path={`audit?uid=${account.id}`}>{t('account.toAudit')}</To>
          )}
        </>
      )}
    </ConsolePage>
  );
}

function AccountFacts({ account }: { account: Account }) {
  const { t, i18n } = useTranslation('console');
  const list = (names: readonly string[]) =>
    names.length === 0 ? (
      '–'
    ) : (
      <Group gap={4}>
        {names.map((name) => (
          <Id key={name}>{name}</Id>
        ))}
      </Group>
    );
  const languages = new Intl.DisplayNames(i18n.language, { type: 'language' });
  const codes = { count: account.backup_codes_left };
  const factor =
    account.second_factor === 'none'
      ? t('account.factors.none')
      : `${t(`account.factors.${account.second_factor}`)}, ${t('account.codesLeft', codes)}`;
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {t('account.facts')}
        </Title>
        <Facts
          facts={[
            [t('accounts.username'), <Id>{account.username}</Id>],
            [t('accounts.fullName'), <Name>{account.full_name}</Name>],
            [
              t('accounts.email'),
              <>
                <Name>{account.email}</Name> (
                {t(account.email_verified ? 'account.verified' : 'account.unverified')})
              </>,
            ],
            ...(account.unverified_email
              ? [[t('account.newEmail'), <Name>{account.unverified_email}</Name>] as const]
              : []),
            [t('accounts.roles'), list(account.roles)],
            [t('account.permissions'), list(account.permissions)],
            [t('account.factor'), factor],
            [t('account.passwordChanged'), <Moment at={account.password_changed_at} />],
            [t('account.language'), languages.of(account.language) ?? account.language],
            [t('accounts.createdAt'), <Moment at={account.created_at} />],
            ...(account.purge_at ? [[t('accounts.purgeAt'), <Moment at={account.purge_at} />] as const] : []),
            [t('account.id'), <Id>{account.id}</Id>],
          ]}
        />
      </Stack>
    </Paper>
  );
}
