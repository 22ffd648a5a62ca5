import { useEffect } from 'react';
import { Navigate } from 'react-router';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { Waiting } from '../../parts/waiting.tsx';

/** Signs out whoever comes here, then shows the sign-in. */
export function SignOutPage() {
  const { session, state } = useSession();
  useEffect(() => {
    // Here the session is forgotten at once, also while the server is away.
    if (state.status === 'signed-in') session.signOut().catch(() => {});
  }, [session, state.status]);
  return state.status === 'signed-in' || state.status === 'starting' ? (
    <Waiting />
  ) : (
    <Navigate to="/login" replace />
  );
}
