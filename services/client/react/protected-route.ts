import { createElement, Fragment, type ReactNode } from 'react';
import { Navigate, useLocation } from 'react-router';
import { useSession } from './auth-provider.ts';

/** Shows its children to the signed-in; others go to `/login`, and come back after it. Who lacks a permission goes to `/403`. */
export function ProtectedRoute({
  children,
  requiredPermission,
  loading = null,
}: {
  children: ReactNode;
  requiredPermission?: string;
  /** Shown until the page knows whether somebody is signed in. */
  loading?: ReactNode;
}) {
  const { session, state } = useSession();
  const { pathname, search, hash } = useLocation();
  switch (state.status) {
    case 'starting':
      return createElement(Fragment, null, loading);
    case 'pending':
    case 'signed-out':
      return createElement(Navigate, {
        to: '/login',
        replace: true,
        state: { from: pathname + search + hash },
      });
    case 'signed-in':
      if (requiredPermission === undefined || session.hasPermission(requiredPermission)) {
        // Nothing that was shown or typed in one session is left in the next, which may be another person's.
        return createElement(Fragment, { key: state.sessionId }, children);
      }
      return createElement(Navigate, { to: '/403', replace: true });
  }
}

/** Shows its children to those who may do `permission`. The server decides; this only hides what it would refuse. */
export function RequirePermission({
  permission,
  children,
  otherwise = null,
}: {
  permission: string;
  children: ReactNode;
  otherwise?: ReactNode;
}) {
  const { session, state } = useSession();
  const isAllowed = state.status === 'signed-in' && session.hasPermission(permission);
  return createElement(Fragment, null, isAllowed ? children : otherwise);
}
