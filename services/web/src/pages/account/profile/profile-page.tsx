import { useTranslation } from 'react-i18next';
import type { User } from '../../../../../contract/native.ts';
import { ReadFault } from '../../../parts/read-fault.tsx';
import { AccountPage, CardsToCome } from '../parts/account-page.tsx';
import { useAccountRead } from '../parts/use-account-read.ts';
import { DeleteAccount } from './delete-account.tsx';
import { EmailForm } from './email-form.tsx';
import { ProfileForm } from './profile-form.tsx';

/** Name, language of mails, e-mail address, and the end of it all. */
export function ProfilePage() {
  const { t } = useTranslation('account');
  const { data, error, refetch } = useAccountRead<User>('/me');
  return (
    <AccountPage title={t('pages.profile')}>
      {error && <ReadFault error={error} retry={() => void refetch()} />}
      {!data && !error && <CardsToCome count={3} height={240} />}
      {data && (
        <>
          <ProfileForm user={data} />
          <EmailForm user={data} />
          <DeleteAccount user={data} />
        </>
      )}
    </AccountPage>
  );
}
