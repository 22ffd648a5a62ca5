import { useTranslation } from 'react-i18next';
import { NavLink, Outlet } from 'react-router';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { consolePages } from './console-pages.ts';
import { NoticeBoard } from './parts/notice.tsx';

/** What is around every page of the console: the way to the others, and what was done last. */
export function ConsoleFrame() {
  const { t } = useTranslation('console');
  const { session } = useSession();
  const shown = consolePages.filter(({ permissions }) =>
    permissions.some((needed) => session.hasPermission(needed)),
  );
  return (
    <>
      <nav className="area-menu" aria-label={t('menu')}>
        {shown.map(({ path }) => (
          <NavLink key={path} to={`/console/${path}`}>
            {t(`pages.${path}`)}
          </NavLink>
        ))}
      </nav>
      <NoticeBoard>
        <Outlet />
      </NoticeBoard>
    </>
  );
}
