import { lazy } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { ProtectedRoute } from '../../../client/react/protected-route.ts';
import { Waiting } from '../parts/waiting.tsx';
import { Frame } from './frame.tsx';
import { NotAllowed, NotFound } from './nowhere.tsx';

// Each area is a chunk of its own: nobody loads the operator's console to sign in.
const SignInRoutes = lazy(() => import('../pages/auth/routes.tsx'));
const AccountRoutes = lazy(() => import('../pages/account/routes.tsx'));
const LivePage = lazy(() => import('../pages/live/live-page.tsx'));
const ConsoleRoutes = lazy(() => import('../pages/console/routes.tsx'));

/** What is shown at which path. The server sends this page for the paths in services/session/page/page-paths.ts. */
export function PageRoutes() {
  return (
    <Routes>
      <Route element={<Frame />}>
        <Route index element={<Navigate to="/account" replace />} />
        <Route path="/403" element={<NotAllowed />} />
        <Route
          path="/account/*"
          element={
            <ProtectedRoute loading={<Waiting />}>
              <AccountRoutes />
            </ProtectedRoute>
          }
        />
        <Route
          path="/live"
          element={
            <ProtectedRoute loading={<Waiting />}>
              <LivePage />
            </ProtectedRoute>
          }
        />
        <Route
          path="/console/*"
          element={
            <ProtectedRoute loading={<Waiting />}>
              <ConsoleRoutes />
            </ProtectedRoute>
          }
        />
        {/* Sign-in, registration and what mails lead to; unknown paths end there in NotFound. */}
        <Route path="*" element={<SignInRoutes notFound={<NotFound />} />} />
      </Route>
    </Routes>
  );
}
