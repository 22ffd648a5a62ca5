import { useTranslation } from 'react-i18next';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { CardPage } from '../../parts/card-page.tsx';
import { Enrolment, type EnrolmentSecrets } from '../../parts/enrolment.tsx';
import { CancelSignIn } from './cancel-sign-in.tsx';

/** The account needs a second factor and has none: it is set up before the first session. */
export function SetUpFactorStep() {
  const { t } = useTranslation('auth');
  const { session } = useSession();
  return (
    <CardPage title={t('setUp.title')} text={t('setUp.text')}>
      <Enrolment
        begin={() => session.steps.call<EnrolmentSecrets>('/api/auth/2fa/enable')}
        confirm={async (code) => void (await session.steps.verifyCode(code))}
      />
      <CancelSignIn />
    </CardPage>
  );
}
