import type { Test } from 'tap';
import { setAccountFields } from '../../services/core/accounts/set-account-fields.ts';
import { findUidByLogin } from '../../services/core/accounts/account.ts';
import { expectStatus, startService, type Answer, type Person } from '../support/session-service.ts';
import { startMailStage, type MailStage } from '../support/mail-service.ts';
import { secondFactorHands } from '../support/second-factor.ts';

/** The service with a mail server, and the hands of a client of the tower-control dialect. */
export type TowerStage = MailStage & ReturnType<typeof towerHands> & ReturnType<typeof secondFactorHands>;

/** What a sign-in, an upgrade or a renewal answers. */
export interface LoginResponse {
  email: string;
  login: string;
  jwtToken: string;
  jwtRenewalToken: string;
  passwordExpired: boolean;
  conditionToValidate: boolean;
  twoFARequired: boolean;
  twoFAValidated: boolean;
  twoFASize: number;
  twoFAType: string;
  mqtt?: { username: string; client_id: string };
}

/** Starts Redis, a mail server and the service for `t`; `settings` are environment variables. */
export async function startTowerStage(t: Test, settings: Record<string, string> = {}): Promise<TowerStage> {
  const stage = await startMailStage(t, settings);
  return { ...stage, ...secondFactorHands(stage), ...towerHands(stage) };
}

/** The same on one more service with other settings, on the Redis of a stage; without mail. */
export async function withSettings(t: Test, { stack, store }: TowerStage, settings: Record<string, string>) {
  return towerHands({ ...(await startService(t, stack, settings)), store });
}

function towerHands({ ask, register, store }: Pick<MailStage, 'ask' | 'register' | 'store'>) {
  const call = (method: string, path: string, asked: { token?: string; body?: unknown } = {}) =>
    ask(method, `/users/1.0/${path}`, {
      ...asked,
      // As the reference client does: the header stands there without a body, too.
      headers: { 'content-type': 'application/json' },
    });
  const trySignin = ({ email, password }: Pick<Person, 'email' | 'password'>) =>
    call('POST', 'session/signin', { body: { email, password } });
  const signin = async (person: Pick<Person, 'email' | 'password'>): Promise<LoginResponse> =>
    expectStatus(await trySignin(person), 200).body;
  const tryUpgrade = (token: string, code?: string) =>
    call('GET', `session/upgrade${code === undefined ? '' : `?secondFactor=${code}`}`, { token });
  const upgrade = async (token: string, code?: string): Promise<LoginResponse> =>
    expectStatus(await tryUpgrade(token, code), 200).body;
  const signinSomebody = async () => {
    const person = await register();
    return { ...(await signin(person)), person };
  };
  const uidOf = async ({ email }: Pick<Person, 'email'>) => (await findUidByLogin(store, email)) ?? '';
  /** Makes a new password due at the next sign-in. */
  const demandNewPassword = async (person: Person) =>
    setAccountFields(store, await uidOf(person), { mustChangePassword: '1' });
  const isLive = async (token: string) => (await ask('GET', '/api/auth/me', { token })).status === 200;
  return { call, trySignin, signin, tryUpgrade, upgrade, signinSomebody, uidOf, demandNewPassword, isLive };
}

/** The claims of a token, read as the reference client does: by plain base64. */
export function claimsOf(token: string): { exp: number; roles: string[]; sub: string } {
  return JSON.parse(atob(token.split('.')[1] ?? ''));
}

/** The roles of a token, sorted, without `ROLE_`. */
export function rolesOf(token: string): string[] {
  return claimsOf(token)
    .roles.map((role) => role.replace('ROLE_', ''))
    .sort();
}

const words: Record<number, string> = {
  200: 'OK',
  201: 'CREATED',
  400: 'BADREQUEST',
  403: 'FORBIDDEN',
  404: 'NOTFOUND',
};

/** Asserts that an answer is an ActionResult with a status and a message key, and nothing else. */
export function isResult(t: Test, answer: Answer, status: number, message: string, what?: string): void {
  const expected = {
    status: words[status] ?? (status < 500 ? 'BADREQUEST' : 'UNKNOWN'),
    status_code: status,
    message,
  };
  t.equal(answer.status, status, `${what ?? message}: ${answer.text}`);
  t.strictSame(answer.body, expected, what ?? message);
  t.equal(answer.headers.get('cache-control'), 'no-store', what ?? message);
  t.equal(answer.headers.get('set-cookie'), null, what ?? message);
}
