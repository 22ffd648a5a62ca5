import { Button, Group, Paper, Stack, TagsInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { FormError } from '../../../parts/form-error.tsx';
import { useStepUp } from '../../../parts/use-step-up.tsx';
import { useSubmit } from '../../../parts/use-submit.ts';
import { useNotice } from '../parts/notice.tsx';
import { useRoleNames } from '../parts/use-role-names.ts';
import type { Account } from './account-page.tsx';

const shown = { fields: ['roles'], fieldOf: { VAL_UNKNOWN_ROLE: 'roles' } };

/** Sets the roles of an account; they count at once. */
export function RolesForm({ account }: { account: Account }) {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const stepUp = useStepUp();
  const tell = useNotice();
  const queries = useQueryClient();
  const known = useRoleNames();
  const [roles, setRoles] = useState(account.roles);
  const { isBusy, errors, submit } = useSubmit(async () => {
    await stepUp(() => session.call('PUT', `/api/admin/accounts/${account.id}/roles`, { roles }));
    tell(t('roles.done'));
    await queries.invalidateQueries({ queryKey: ['console'] });
  }, shown);
  return (
    <Paper withBorder p="md">
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <Title order={2} size="h4">
            {t('accounts.roles')}
          </Title>
          <FormError text={errors['form']} />
          <Group align="flex-end">
            <TagsInput
              label={t('roles.label')}
              description={t('roles.hint')}
              data={known}
              value={roles}
              onChange={setRoles}
              error={errors['roles']}
              maxTags={16}
              flex="1 1 260px"
            />
            <Button type="submit" loading={isBusy} disabled={roles.join() === account.roles.join()}>
              {t('roles.submit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
