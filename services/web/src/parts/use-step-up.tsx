import { createContext, lazy, Suspense, useCallback, useContext, useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useSession } from '../../../client/react/auth-provider.ts';
import { SessionError } from '../../../client/session-error.ts';

const StepUpDialog = lazy(() => import('./step-up-dialog.tsx'));

type StepUp = <T>(work: () => Promise<T>) => Promise<T>;

interface Question {
  answer: Promise<void>;
  prove(): void;
  giveUp(): void;
}

const StepUpContext = createContext<StepUp | undefined>(undefined);

/**
 * Does work that the server may want a fresh sign-in for: it then asks for the password in a dialog, and does the work
 * once more. Rejects with what the work rejects with, also when the dialog is closed.
 */
export function useStepUp(): StepUp {
  const stepUp = useContext(StepUpContext);
  if (!stepUp) throw new TypeError('useStepUp needs a StepUpProvider above it');
  return stepUp;
}

/** Shows the dialog of `useStepUp` for the components below it. */
export function StepUpProvider({ children }: { children: ReactNode }) {
  const { state } = useSession();
  const [question, setQuestion] = useState<Question>();
  const asked = useRef<Question>(undefined);

  const ask = useCallback((refusal: unknown): Promise<void> => {
    if (!asked.current) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      asked.current = { answer: promise, prove: resolve, giveUp: () => reject(refusal) };
      setQuestion(asked.current);
    }
    return asked.current.answer;
  }, []);

  const finish = useCallback((how: 'prove' | 'giveUp') => {
    asked.current?.[how]();
    asked.current = undefined;
    setQuestion(undefined);
  }, []);

  const stepUp: StepUp = useCallback(
    async (work) => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof SessionError) || error.code !== 'AUTH_STEP_UP_REQUIRED') throw error;
        await ask(error);
        return work();
      }
    },
    [ask],
  );

  // Who is not signed in any more is asked for nothing.
  const isSignedIn = state.status === 'signed-in';
  useEffect(() => {
    if (!isSignedIn) finish('giveUp');
  }, [isSignedIn, finish]);

  return (
    <StepUpContext.Provider value={stepUp}>
      {children}
      {question && (
        <Suspense fallback={null}>
          <StepUpDialog onProved={() => finish('prove')} onClose={() => finish('giveUp')} />
        </Suspense>
      )}
    </StepUpContext.Provider>
  );
}
