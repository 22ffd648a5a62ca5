import { Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { CardPage } from '../../parts/card-page.tsx';
import { FormError } from '../../parts/form-error.tsx';
import { useSubmit } from '../../parts/use-submit.ts';
import { CancelSignIn } from './cancel-sign-in.tsx';

/** The sign-in waits until the e-mail address is confirmed. */
export function EmailStep() {
  const { t } = useTranslation('auth');
  const { session } = useSession();
  const [wasSent, setWasSent] = useState(false);
  const { isBusy, errors, submit } = useSubmit(async () => {
    await session.steps.call('/api/auth/resend-verification');
    setWasSent(true);
  });
  return (
    <CardPage title={t('email.title')} text={t('email.text')}>
      <Stack>
        <FormError text={errors['form']} />
        {wasSent && <Text role="status">{t('email.sent')}</Text>}
        <Button variant="default" loading={isBusy} onClick={() => submit()}>
          {t('email.again')}
        </Button>
        <CancelSignIn />
      </Stack>
    </CardPage>
  );
}
