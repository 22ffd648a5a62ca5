import { Badge, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AdminAccount } from '../../../../../contract/admin.ts';

const colors = { active: 'teal', disabled: 'orange', deleted: 'red' } as const;

/** Whether an account can be used, and what else holds it up. */
export function StateBadge({ account }: { account: AdminAccount }) {
  const { t } = useTranslation('console');
  const { state, locked, must_change_password: mustChange } = account;
  return (
    <Group gap={4}>
      <Badge variant="light" color={colors[state]} className="badge">
        {t(`accounts.states.${state}`)}
      </Badge>
      {locked && (
        <Badge variant="light" color="red" className="badge">
          {t('accounts.locked')}
        </Badge>
      )}
      {mustChange && (
        <Badge variant="light" color="gray" className="badge">
          {t('accounts.mustChange')}
        </Badge>
      )}
    </Group>
  );
}
