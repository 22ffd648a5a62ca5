import './console.css';
import type { ReactNode } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { NotAllowed, NotFound } from '../../app/nowhere.tsx';
import { AccountPage } from './accounts/account-page.tsx';
import { AccountsPage } from './accounts/accounts-page.tsx';
import { AuditPage } from './audit-page.tsx';
import { ClientsPage } from './clients-page.tsx';
import { ConsoleFrame } from './console-frame.tsx';
import { consolePages, type ConsolePath } from './console-pages.ts';
import { DevicePage } from './devices/device-page.tsx';
import { DevicesPage } from './devices/devices-page.tsx';
import { ExplainPage } from './explain-page.tsx';
import { InvitationsPage } from './invitations-page.tsx';
import { PicturePage } from './picture/picture-page.tsx';
import { RulesPage } from './rules/rules-page.tsx';

/** The operator's console: each page for those who may see it. */
export default function ConsoleRoutes() {
  return (
    <Routes>
      <Route element={<ConsoleFrame />}>
        <Route index element={<FirstPage />} />
        <Route path="picture" element={<For path="picture" page={<PicturePage />} />} />
        <Route path="accounts" element={<For path="accounts" page={<AccountsPage />} />} />
        <Route path="accounts/:uid" element={<For path="accounts" page={<AccountPage />} />} />
        <Route path="invitations" element={<For path="invitations" page={<InvitationsPage />} />} />
        <Route path="clients" element={<For path="clients" page={<ClientsPage />} />} />
        <Route path="devices" element={<For path="devices" page={<DevicesPage />} />} />
        <Route path="devices/:id" element={<For path="devices" page={<DevicePage />} />} />
        <Route path="rules" element={<For path="rules" page={<RulesPage />} />} />
        <Route path="explain" element={<For path="explain" page={<ExplainPage />} />} />
        <Route path="audit" element={<For path="audit" page={<AuditPage />} />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}

function For({ path, page }: { path: ConsolePath; page: ReactNode }) {
  return useShownPaths().includes(path) ? page : <NotAllowed />;
}

function FirstPage() {
  const [first] = useShownPaths();
  return first === undefined ? <NotAllowed /> : <Navigate to={first} replace />;
}

/** The pages that the account may see. */
function useShownPaths(): ConsolePath[] {
  const { session } = useSession();
  return consolePages
    .filter(({ permissions }) => permissions.some((needed) => session.hasPermission(needed)))
    .map(({ path }) => path);
}
