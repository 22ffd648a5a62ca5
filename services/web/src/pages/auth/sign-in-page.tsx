import { Navigate, useLocation } from 'react-router';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { Waiting } from '../../parts/waiting.tsx';
import { safePath } from '../../parts/safe-path.ts';
import { EmailStep } from './email-step.tsx';
import { NewPasswordStep } from './new-password-step.tsx';
import { PasswordStep } from './password-step.tsx';
import { SecondFactorStep } from './second-factor-step.tsx';
import { SetUpFactorStep } from './set-up-factor-step.tsx';
import { TermsStep } from './terms-step.tsx';

/** Signing in, one step at a time; afterwards back to where somebody came from. */
export function SignInPage() {
  const { state } = useSession();
  const { state: origin } = useLocation() as { state: { from?: string } | null };
  switch (state.status) {
    case 'starting':
      return <Waiting />;
    case 'signed-in':
      return <Navigate to={safePath(origin?.from) ?? '/account'} replace />;
    case 'signed-out':
      return <PasswordStep reason={state.reason} />;
    case 'pending':
      return <NextStep step={state.steps[0]} />;
  }
}

/** The server names the steps in the order in which it takes them. */
function NextStep({ step }: { step: string | undefined }) {
  switch (step) {
    case 'second-factor':
      return <SecondFactorStep />;
    case 'second-factor-setup':
      return <SetUpFactorStep />;
    case 'password-change':
      return <NewPasswordStep />;
    case 'terms':
      return <TermsStep />;
    default:
      return <EmailStep />;
  }
}
