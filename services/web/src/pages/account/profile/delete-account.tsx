import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { User } from '../../../../../contract/native.ts';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { Section } from '../parts/account-page.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';

/** The way out: ends all sessions at once, and the account for good after a while. */
export function DeleteAccount({ user }: { user: User }) {
  const { t } = useTranslation('account');
  const { session } = useSession();
  const navigate = useNavigate();
  const leave = async () => {
    await session.call('DELETE', '/api/auth/me');
    // The session is over already; the page has to hear of it.
    await session.signOut().catch(() => {});
    await navigate('/login', { replace: true });
  };
  return (
    <Section title={t('delete.title')} text={t('delete.text')}>
      <div>
        <ConfirmButton
          label={t('delete.submit')}
          text={t('delete.confirm', { name: user.username })}
          size="sm"
          isHarmful
          run={leave}
        />
      </div>
    </Section>
  );
}
