import { Alert, Anchor, Button, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { CardPage } from '../../parts/card-page.tsx';
import { FormError } from '../../parts/form-error.tsx';
import { useMailedToken } from '../../parts/mailed-token.ts';
import { useSubmit } from '../../parts/use-submit.ts';

/**
 * Confirms an e-mail address, of an account or to be, by the link of a mail. A person presses the button: programs that look at mails open
 * links too.
 */
export function MailedTokenPage() {
  const { t } = useTranslation('auth');
  const { session } = useSession();
  const token = useMailedToken();
  const [isDone, setDone] = useState(false);
  const { isBusy, errors, submit } = useSubmit(async () => {
    await session.callOpenly('/api/auth/verify-email', { token: token ?? '' });
    setDone(true);
  });
  return (
    <CardPage title={t('confirm.title')} text={isDone ? undefined : t('confirm.text')}>
      {isDone ? (
        <Alert color="teal" role="status">
          {t('confirm.done')}
        </Alert>
      ) : (
        <Stack>
          <FormError text={token === undefined ? t('confirm.badLink') : errors['form']} />
          <Button onClick={() => submit()} loading={isBusy} disabled={token === undefined}>
            {t('confirm.submit')}
          </Button>
        </Stack>
      )}
      <Anchor component={Link} to="/account" size="sm">
        {t('toSignIn')}
      </Anchor>
    </CardPage>
  );
}
