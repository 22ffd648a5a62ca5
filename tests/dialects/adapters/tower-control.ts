import type { Answer, Asked } from '../../support/session-service.ts';
import type { MakeAdapter, Outcome } from '../adapter.ts';

/** Speaks the tower-control dialect. */
export const towerControl: MakeAdapter = ({ ask }) => {
  const call = (method: string, path: string, asked: Asked = {}) => ask(method, `/users/1.0/${path}`, asked);
  const upgrade = async (token: string | undefined, code?: string) => {
    const query = code === undefined ? '' : `?secondFactor=${encodeURIComponent(code)}`;
    return outcomeOf(await call('GET', `session/upgrade${query}`, { token }));
  };
  return {
    name: 'tower-control',
    signOutEnds: 'account',
    unknownPath: '/users/1.0/nothing',
    isError: ({ status, headers, body }) =>
      status >= 400 &&
      headers.get('content-type') === 'application/json; charset=utf-8' &&
      typeof body.status === 'string' &&
      body.status_code === status &&
      /^[a-z0-9-]+$/.test(body.message),
    signIn: async ({ email, password }) =>
      outcomeOf(await call('POST', 'session/signin', { body: { email, password } })),
    signInWith: ({ email }, password) => call('POST', 'session/signin', { body: { email, password } }),
    enterCode: ({ tempToken }, code) => upgrade(tempToken, code),
    changeDuePassword: async ({ tempToken: token }, { next }) => {
      const answer = await call('PUT', 'profile/password/change', { token, body: { password: next } });
      return answer.status === 200 ? upgrade(token) : { kind: 'refused', answer };
    },
    acceptTerms: async ({ tempToken: token }) => {
      const answer = await call('PUT', 'profile/eula', { token });
      return answer.status === 200 ? upgrade(token) : { kind: 'refused', answer };
    },
    renew: async (renewalToken) => {
      const outcome = await upgrade(renewalToken);
      // The address is the same for a sign-in under way, which is no renewal.
      return outcome.kind === 'pending' ? { kind: 'refused', answer: outcome.answer } : outcome;
    },
    signOut: ({ accessToken: token }) => call('GET', 'session/signout', { token }),
    readOwn: (token) => call('GET', 'profile/basic', { token }),
    changePassword: ({ accessToken: token }, { current: currentPassword, next: password }) =>
      call('PUT', 'profile/password/change', { token, body: { password, currentPassword } }),
  };
};

function outcomeOf(answer: Answer): Outcome {
  if (answer.status !== 200) return { kind: 'refused', answer };
  const { jwtToken, jwtRenewalToken: renewalToken, mqtt, ...flags } = answer.body;
  if (mqtt) return { kind: 'signed-in', held: { accessToken: jwtToken, renewalToken, mqtt }, answer };
  const steps: [string, boolean][] = [
    ['second-factor', flags.twoFARequired && !flags.twoFAValidated],
    ['password-change', flags.passwordExpired],
    ['terms', flags.conditionToValidate],
  ];
  const due = steps.filter(([, isDue]) => isDue).map(([step]) => step);
  return { kind: 'pending', pending: { steps: due, tempToken: jwtToken }, answer };
}
