import './account.css';
import { Route, Routes } from 'react-router';
import { NotFound } from '../../app/nowhere.tsx';
import { AccountFrame } from './account-frame.tsx';
import { ActivityPage } from './activity-page.tsx';
import { DevicesPage } from './devices/devices-page.tsx';
import { ProfilePage } from './profile/profile-page.tsx';
import { SecurityPage } from './security/security-page.tsx';
import { SessionsPage } from './sessions-page.tsx';

/** What people see of their own account, and what they do with it. */
export default function AccountRoutes() {
  return (
    <Routes>
      <Route element={<AccountFrame />}>
        <Route index element={<ProfilePage />} />
        <Route path="security" element={<SecurityPage />} />
        <Route path="sessions" element={<SessionsPage />} />
        <Route path="activity" element={<ActivityPage />} />
        <Route path="devices" element={<DevicesPage />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
