import { useTranslation } from 'react-i18next';
import { NavLink, Outlet } from 'react-router';

const pages = [
  { path: '/account', name: 'profile' },
  { path: '/account/security', name: 'security' },
  { path: '/account/sessions', name: 'sessions' },
  { path: '/account/activity', name: 'activity' },
  { path: '/account/devices', name: 'devices' },
] as const;

/** What is around every page of the account: the way to the others. */
export function AccountFrame() {
  const { t } = useTranslation('account');
  return (
    <div className="account-area">
      <nav className="area-menu" aria-label={t('menu')}>
        {pages.map(({ path, name }) => (
          <NavLink key={path} to={path} end>
            {t(`pages.${name}`)}
          </NavLink>
        ))}
      </nav>
      <Outlet />
    </div>
  );
}
