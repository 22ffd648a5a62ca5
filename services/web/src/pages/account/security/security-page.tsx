import { useTranslation } from 'react-i18next';
import { AccountPage } from '../parts/account-page.tsx';
import { PasswordForm } from './password-form.tsx';
import { SecondFactor } from './second-factor.tsx';

/** The password and the second factor. */
export function SecurityPage() {
  const { t } = useTranslation('account');
  return (
    <AccountPage title={t('pages.security')}>
      <PasswordForm />
      <SecondFactor />
    </AccountPage>
  );
}
