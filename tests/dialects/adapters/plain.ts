import type { Answer } from '../../support/session-service.ts';
import type { MakeAdapter, Outcome } from '../adapter.ts';

/** Speaks the plain dialect. */
export const plain: MakeAdapter = ({ ask }) => ({
  name: 'plain',
  signOutEnds: 'session',
  unknownPath: '/login/nothing',
  isError: ({ status, headers, body }) =>
    status >= 400 &&
    headers.get('content-type')?.startsWith('application/problem+json') === true &&
    body.status === status &&
    /^[A-Z]+(_[A-Z]+)+$/.test(body.code),
  signIn: async ({ username, password }) =>
    outcomeOf(await ask('POST', '/login', { body: { username, password } })),
  signInWith: ({ username }, password) => ask('POST', '/login', { body: { username, password } }),
  enterCode: async ({ tempToken }, code) =>
    outcomeOf(await ask('POST', '/login/verify', { body: { tempToken, code } })),
  renew: async (refreshToken) => outcomeOf(await ask('POST', '/refresh', { body: { refreshToken } })),
  signOut: ({ accessToken: token }) => ask('POST', '/logout', { token }),
  readOwn: (token) => ask('GET', '/me', { token }),
});

/** The steps that can't be done here come as a problem, and there is nothing to go on with. */
function outcomeOf(answer: Answer): Outcome {
  const { token, refreshToken: renewalToken, mqtt, tempToken, steps } = answer.body;
  if (answer.code === 'AUTH_STEPS_LEFT') return { kind: 'pending', pending: { steps }, answer };
  if (answer.status !== 200) return { kind: 'refused', answer };
  if (token) return { kind: 'signed-in', held: { accessToken: token, renewalToken, mqtt }, answer };
  return { kind: 'pending', pending: { steps: ['second-factor'], tempToken }, answer };
}
