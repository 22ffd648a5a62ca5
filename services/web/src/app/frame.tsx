import {
  Alert,
  Anchor,
  AppShell,
  Burger,
  Button,
  Group,
  NavLink,
  Text,
  type ButtonProps,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, useLocation, useNavigate } from 'react-router';
import { useSession } from '../../../client/react/auth-provider.ts';
import { ColorSchemeSwitch } from '../parts/color-scheme-switch.tsx';
import { LanguageMenu } from '../parts/language-menu.tsx';
import { Waiting } from '../parts/waiting.tsx';

const areas = [
  { path: '/account', name: 'account' },
  { path: '/live', name: 'live' },
  {
    path: '/console',
    name: 'console',
    // One of them is enough: the console shows the pages that an account may see.
    permissions: [
      ...['metrics.read', 'accounts.read', 'invitations.read', 'clients.read', 'sessions.end-all'],
      ...['devices.read', 'rules.read', 'rules.explain', 'audit.read'],
    ],
  },
] as const;

/** What is around every page: the way to the areas, language, colours, sign-out, and whether the server is there. */
export function Frame() {
  const { t } = useTranslation();
  const { state } = useSession();
  const [isOpen, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  const isSignedIn = state.status === 'signed-in';
  useEffect(close, [pathname, close]);
  const main = useFocusOnNavigation(pathname);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{
        width: 220,
        breakpoint: 'sm',
        collapsed: { mobile: !isOpen || !isSignedIn, desktop: !isSignedIn },
      }}
      padding="md"
    >
      <a className="skip-link" href="#main">
        {t('frame.skip')}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            {isSignedIn && (
              <Burger
                opened={isOpen}
                onClick={toggle}
                hiddenFrom="sm"
                size="sm"
                aria-label={t('frame.menu')}
                aria-expanded={isOpen}
              />
            )}
            <Anchor component={Link} to="/" underline="never" c="inherit">
              <Text fw={700} size="lg">
                Bednet
              </Text>
            </Anchor>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <LanguageMenu />
            <ColorSchemeSwitch />
            {isSignedIn && <SignOutButton visibleFrom="sm" />}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t('frame.areas')}>
        <Areas pathname={pathname} />
        {/* In the header there is no room for it then. */}
        {isSignedIn && <SignOutButton hiddenFrom="sm" />}
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} ref={main}>
        {isSignedIn && state.isOffline && (
          <Alert className="offline-note" color="yellow" role="status" title={t('offline.title')}>
            {t('offline.text')}
          </Alert>
        )}
        <Suspense fallback={<Waiting />}>
          <Outlet />
        </Suspense>
      </AppShell.Main>
    </AppShell>
  );
}

function Areas({ pathname }: { pathname: string }) {
  const { t } = useTranslation();
  const { session } = useSession();
  const shown = areas.filter(
    (area) => !('permissions' in area) || area.permissions.some((needed) => session.hasPermission(needed)),
  );
  return shown.map(({ path, name }) => (
    <NavLink
      key={path}
      component={Link}
      to={path}
      label={t(`frame.${name}`)}
      active={pathname === path || pathname.startsWith(`${path}/`)}
    />
  ));
}

function SignOutButton(shown: Pick<ButtonProps, 'visibleFrom' | 'hiddenFrom'>) {
  const { t } = useTranslation();
  const { session } = useSession();
  const navigate = useNavigate();
  const signOut = async () => {
    // The page forgets the session at once; a server that is away hears of it when its token lapses.
    await session.signOut().catch(() => {});
    await navigate('/login', { replace: true });
  };
  return (
    <Button {...shown} variant="default" size="compact-sm" onClick={() => void signOut()}>
      {t('frame.signOut')}
    </Button>
  );
}

/** After a change of page the keyboard and the screen reader go on at its beginning. */
function useFocusOnNavigation(pathname: string) {
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [pathname]);
  return main;
}
