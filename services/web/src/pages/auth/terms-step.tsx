import { Button, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { CardPage } from '../../parts/card-page.tsx';
import { FormError } from '../../parts/form-error.tsx';
import { useSubmit } from '../../parts/use-submit.ts';
import { CancelSignIn } from './cancel-sign-in.tsx';

/** The sign-in waits until the terms of today are accepted. */
export function TermsStep() {
  const { t } = useTranslation('auth');
  const { session, state } = useSession();
  const version = state.status === 'pending' ? (state.termsVersion ?? '') : '';
  const { isBusy, errors, submit } = useSubmit(async () => {
    await session.steps.acceptTerms(version);
  });
  return (
    <CardPage title={t('terms.title')} text={t('terms.text', { version })}>
      <form onSubmit={submit}>
        <Stack>
          <FormError text={errors['form']} />
          <Button type="submit" loading={isBusy}>
            {t('terms.submit')}
          </Button>
          <CancelSignIn />
        </Stack>
      </form>
    </CardPage>
  );
}
