import type { UserLoginResponse } from '../../../contract/tower-control.ts';
import type { Account } from '../../../core/accounts/account.ts';
import { findEndSeconds, type PendingSession } from '../../../core/pending/pending-session.ts';
import type { SecondFactor } from '../../../core/second-factor/authenticator.ts';
import type { LiveSession } from '../../../core/sessions/session.ts';
import { issuePendingJwt } from '../../../core/tokens/pending-jwt.ts';
import type { SessionContext } from '../../session-context.ts';
import type { TokenPair } from '../../use-cases/issue-tokens.ts';
import { factorOf } from '../../use-cases/stepwise-sign-in.ts';
import type { MqttAddresses } from '../dialect.ts';
import { loginIdOf } from './login-id.ts';
import { secondFactorRole, sessionRolesOf, signInRoles } from './roles.ts';
import { codeSizeOf, typeOfFactor } from './two-factor-types.ts';

/** The claims that a client of this dialect reads, and the leave to renew by the access token itself. */
export function towerClaims(session: LiveSession, { isRenewable }: { isRenewable: boolean }) {
  return { roles: sessionRolesOf(session), ...(isRenewable && { renewable: true }) };
}

/** A complete sign-in, or its renewal. */
export async function answerComplete(
  context: SessionContext,
  { account, pair }: { account: Account; pair: TokenPair },
  mqtt: MqttAddresses,
): Promise<UserLoginResponse> {
  const factor = await factorOf(context, account.uid);
  return {
    ...about(account, factor),
    jwtToken: pair.accessToken,
    jwtRenewalToken: pair.renewalToken,
    passwordExpired: false,
    conditionToValidate: false,
    twoFAValidated: factor.method !== 'none',
    mqtt: { url: mqtt.url, websocket_url: mqtt.websocketUrl, username: pair.username, client_id: pair.sid },
  };
}

/** A sign-in with steps left. Right after the password its holder is also called a registered user. */
export async function answerPending(
  context: SessionContext,
  { account, pending }: { account: Account; pending: PendingSession },
  furtherRoles: readonly string[],
): Promise<UserLoginResponse> {
  const [key] = context.renewalKeys;
  if (!key) throw new TypeError('there is no renewal key');
  const { sid, uid, steps, amr } = pending;
  const factor = await factorOf(context, uid);
  const roles = [signInRoles.firstFactor, ...secondFactorRole(amr), ...furtherRoles];
  const exp = await findEndSeconds(context.store, sid);
  const token = issuePendingJwt({ sub: loginIdOf(uid), sid, exp, roles }, key);
  const isCodeDue = steps.includes('second-factor') || steps.includes('second-factor-setup');
  const facts = about(account, factor, isCodeDue);
  return {
    ...facts,
    jwtToken: token,
    jwtRenewalToken: token,
    passwordExpired: steps.includes('password-change'),
    conditionToValidate: steps.includes('terms'),
    twoFAValidated: facts.twoFARequired && !isCodeDue,
  };
}

function about({ email, uid }: Account, factor: SecondFactor, isCodeDue = false) {
  const type = isCodeDue && factor.method === 'none' ? 'AUTHENTICATOR' : typeOfFactor(factor);
  return {
    email,
    login: loginIdOf(uid),
    twoFARequired: type !== 'NONE',
    twoFASize: codeSizeOf(type),
    twoFAType: type,
  };
}
