import { DirectionProvider, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Suspense } from 'react';
import { BrowserRouter } from 'react-router';
import { AuthProvider } from '../../../client/react/auth-provider.ts';
import { isTemporary } from '../../../client/session-error.ts';
import { StepUpProvider } from '../parts/use-step-up.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { PageRoutes } from './page-routes.tsx';
import { session } from './session.ts';
import { contrastColors, theme } from './theme.ts';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < 3 && isTemporary(error),
    },
  },
});

// Nobody sees what was read as somebody else, not even for a moment; another tab may sign in as another person.
let readIn: string | undefined;
session.subscribe(() => {
  const sessionId = session.state.status === 'signed-in' ? session.state.sessionId : undefined;
  if (sessionId !== readIn) queries.clear();
  readIn = sessionId;
});

/** The nonce that the document came with, for the styles that components add (Content-Security-Policy). */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
// What keeps the page from scrolling behind a dialog adds a style by itself, and looks for the nonce here.
Object.assign(globalThis, { __webpack_nonce__: nonce });

/** The whole page with all that its parts find around them. */
export function App() {
  return (
    <DirectionProvider detectDirection>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={contrastColors}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        <QueryClientProvider client={queries}>
          <AuthProvider session={session}>
            <StepUpProvider>
              <BrowserRouter>
                <Suspense fallback={<Waiting />}>
                  <PageRoutes />
                </Suspense>
              </BrowserRouter>
            </StepUpProvider>
          </AuthProvider>
        </QueryClientProvider>
      </MantineProvider>
    </DirectionProvider>
  );
}
