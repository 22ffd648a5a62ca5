import { Anchor } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../../client/react/auth-provider.ts';

/** Gives up a sign-in that has steps left. */
export function CancelSignIn() {
  const { t } = useTranslation('auth');
  const { session } = useSession();
  return (
    <Anchor component="button" type="button" size="sm" onClick={() => session.steps.cancel()}>
      {t('common:dialog.cancel')}
    </Anchor>
  );
}
