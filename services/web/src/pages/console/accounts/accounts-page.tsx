import { Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import type { AdminAccount } from '../../../../../contract/admin.ts';
import { ReadFault } from '../../../parts/read-fault.tsx';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Moment } from '../../../parts/moment.tsx';
import { MoreButton } from '../parts/more-button.tsx';
import { useFilters } from '../parts/use-filters.ts';
import { usePages } from '../parts/use-read.ts';
import { AccountLink, Id, Name } from '../parts/visible-text.tsx';
import { StateBadge } from './state-badge.tsx';

const filterNames = ['search', 'state'] as const;
const states = ['active', 'disabled', 'deleted'] as const;

/** All accounts, to search in; the deleted ones with the time of their end. */
export function AccountsPage() {
  const { t } = useTranslation('console');
  const [filters, set] = useFilters(filterNames);
  const { search } = filters;
  const state = states.find((name) => name === filters.state);
  return (
    <ConsolePage title={t('pages.accounts')}>
      <Group align="flex-end">
        <TextInput
          type="search"
          label={t('accounts.search')}
          description={t('accounts.searchHint')}
          value={search}
          onChange={(event) => set('search', event.currentTarget.value)}
          maxLength={254}
          flex="1 1 240px"
        />
        <NativeSelect
          label={t('accounts.state')}
          value={state ?? ''}
          onChange={(event) => set('state', event.currentTarget.value)}
          data={[
            { value: '', label: t('accounts.allStates') },
            ...states.map((value) => ({ value, label: t(`accounts.states.${value}`) })),
          ]}
        />
      </Group>
      <Accounts search={search} state={state} />
    </ConsolePage>
  );
}

function Accounts({ search, state }: { search: string; state: (typeof states)[number] | undefined }) {
  const { t } = useTranslation('console');
  const [wanted] = useDebouncedValue(search.trim(), 250);
  const query = new URLSearchParams({
    limit: '50',
    ...(wanted !== '' && { search: wanted }),
    ...(state && { state }),
  });
  const { pages, items, error, refetch } = usePages<AdminAccount>(`/accounts?${query}`, 'accounts');
  if (error && !items) return <ReadFault error={error} retry={() => void refetch()} />;
  const columns: Column<AdminAccount>[] = [
    {
      name: t('accounts.username'),
      show: ({ id, username }) => <AccountLink uid={id} name={username} isLink />,
    },
    { name: t('accounts.fullName'), show: ({ full_name: name }) => <Name>{name}</Name> },
    { name: t('accounts.email'), show: ({ email }) => <Name>{email}</Name> },
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
    { name: t('accounts.state'), show: (account) => <StateBadge account={account} /> },
    state === 'deleted'
      ? { name: t('accounts.purgeAt'), show: ({ purge_at: at }) => <Moment at={at} /> }
      : { name: t('accounts.createdAt'), show: ({ created_at: at }) => <Moment at={at} /> },
  ];
  return (
    <Stack>
      <DataTable
        label={t('pages.accounts')}
        columns={columns}
        rows={items}
        keyOf={({ id }) => id}
        empty={t('accounts.none')}
      />
      <MoreButton pages={pages} />
    </Stack>
  );
}
