import { createContext, createElement, useContext, useSyncExternalStore, type ReactNode } from 'react';
import type { Session } from '../session.ts';
import type { SessionState } from '../session-state.ts';

const SessionContext = createContext<Session | undefined>(undefined);

/** Gives the components below it the session of the page, which the page has created and started. */
export function AuthProvider({ session, children }: { session: Session; children: ReactNode }) {
  return createElement(SessionContext.Provider, { value: session }, children);
}

/** The session, and its state as of now: a component that uses it follows each change. */
export function useSession(): { session: Session; state: SessionState } {
  const session = useContext(SessionContext);
  if (!session) throw new TypeError('useSession needs an AuthProvider above it');
  const state = useSyncExternalStore(
    (listener) => session.subscribe(listener),
    () => session.state,
  );
  return { session, state };
}
