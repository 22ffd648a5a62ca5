import type { Answer } from '../../support/session-service.ts';
import type { MakeAdapter, Outcome } from '../adapter.ts';

/** Speaks the native dialect. */
export const native: MakeAdapter = ({ ask }) => ({
  name: 'native',
  signOutEnds: 'session',
  unknownPath: '/api/auth/nothing',
  isError: ({ status, headers, body }) =>
    status >= 400 &&
    headers.get('content-type') === 'application/json; charset=utf-8' &&
    body.success === false &&
    body.message === body.error.message,
  signIn: async ({ username, password }) =>
    outcomeOf(await ask('POST', '/api/auth/login', { body: { username, password } })),
  signInWith: ({ username }, password) => ask('POST', '/api/auth/login', { body: { username, password } }),
  enterCode: async ({ tempToken }, code) =>
    outcomeOf(await ask('POST', '/api/auth/2fa/verify', { body: { temp_token: tempToken, code } })),
  changeDuePassword: async ({ tempToken }, { next }) => {
    const body = { temp_token: tempToken, new_password: next };
    return outcomeOf(await ask('POST', '/api/auth/change-password', { body }));
  },
  acceptTerms: async ({ tempToken }, version) =>
    outcomeOf(await ask('POST', '/api/auth/accept-terms', { body: { temp_token: tempToken, version } })),
  renew: async (renewalToken) =>
    outcomeOf(await ask('POST', '/api/auth/refresh', { body: { refresh_token: renewalToken } })),
  signOut: ({ accessToken: token }) => ask('POST', '/api/auth/logout', { token }),
  readOwn: (token) => ask('GET', '/api/auth/me', { token }),
  changePassword: ({ accessToken: token }, { current, next }) =>
    ask('POST', '/api/auth/change-password', {
      token,
      body: { current_password: current, new_password: next },
    }),
});

function outcomeOf(answer: Answer): Outcome {
  if (answer.status !== 200) return { kind: 'refused', answer };
  const { access_token: accessToken, refresh_token: renewalToken, mqtt, ...rest } = answer.body.data;
  if (accessToken) return { kind: 'signed-in', held: { accessToken, renewalToken, mqtt }, answer };
  return { kind: 'pending', pending: { steps: rest.pending, tempToken: rest.temp_token }, answer };
}
