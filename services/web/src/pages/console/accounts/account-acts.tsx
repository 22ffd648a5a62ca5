import { Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { ActButton, type OperatorAct } from '../parts/act-button.tsx';
import { visible } from '../parts/visible-text.tsx';
import type { Account } from './account-page.tsx';

type ActName =
  | 'disable'
  | 'enable'
  | 'unlock'
  | 'force-password-change'
  | 'remove-second-factor'
  | 'start-reset'
  | 'delete'
  | 'restore'
  | 'purge';

/** What can be done with an account, and the permission for it. */
const acts: readonly {
  name: ActName;
  permission: string;
  isHarmful?: boolean;
  takesReason?: boolean;
  fits: (account: Account) => boolean;
}[] = [
  {
    name: 'disable',
    permission: 'accounts.write',
    isHarmful: true,
    takesReason: true,
    fits: ({ state }) => state === 'active',
  },
  {
    name: 'enable',
    permission: 'accounts.write',
    takesReason: true,
    fits: ({ state }) => state === 'disabled',
  },
  { name: 'unlock', permission: 'accounts.write', fits: isThere },
  {
    name: 'start-reset',
    permission: 'accounts.write',
    fits: (account) => isThere(account) && account.email !== '',
  },
  { name: 'force-password-change', permission: 'accounts.write', isHarmful: true, fits: isThere },
  {
    name: 'remove-second-factor',
    permission: 'accounts.write',
    isHarmful: true,
    fits: (account) => isThere(account) && account.second_factor !== 'none',
  },
  { name: 'delete', permission: 'accounts.delete', isHarmful: true, takesReason: true, fits: isThere },
  {
    name: 'restore',
    permission: 'accounts.restore',
    takesReason: true,
    fits: (account) => !isThere(account),
  },
  {
    name: 'purge',
    permission: 'accounts.purge',
    isHarmful: true,
    takesReason: true,
    fits: (account) => !isThere(account),
  },
];

function isThere({ state }: Account): boolean {
  return state !== 'deleted';
}

/** A button for each act that fits the account and is allowed. */
export function AccountActs({ account }: { account: Account }) {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const name = visible(account.username);
  const run =
    (act: ActName): OperatorAct['run'] =>
    (body) =>
      act === 'delete'
        ? session.call('DELETE', `/api/admin/accounts/${account.id}`, body)
        : session.call('POST', `/api/admin/accounts/${account.id}/${act}`, hasBody(act) ? body : undefined);
  return (
    <Group gap="xs" role="group" aria-label={t('account.actsLabel')}>
      {acts
        .filter(({ fits }) => fits(account))
        .map(({ name: act, fits: _fits, ...rest }) => (
          <ActButton
            key={act}
            {...rest}
            label={t(`account.acts.${act}.label`)}
            text={t(`account.acts.${act}.text`, { name })}
            done={t(`account.acts.${act}.done`, { name })}
            run={run(act)}
            {...(act === 'purge' && { leadsTo: '/console/accounts' })}
          />
        ))}
    </Group>
  );
}

function hasBody(act: ActName): boolean {
  return acts.some(({ name, takesReason }) => name === act && takesReason === true);
}
