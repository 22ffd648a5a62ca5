import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { CodeQuery, results, SigninBody, UserLoginResponse } from '../../../contract/tower-control.ts';
import { BednetError } from '../../../core/errors.ts';
import type { PresentedToken } from '../../../core/tokens/access-token-claims.ts';
import { callerOf } from '../../session-context.ts';
import { issueTokens } from '../../use-cases/issue-tokens.ts';
import { mailSecondFactorCode } from '../../use-cases/pass-factor-step.ts';
import { renew } from '../../use-cases/renew.ts';
import { renewByAccessToken } from '../../use-cases/renew-by-access-token.ts';
import { signIn } from '../../use-cases/sign-in.ts';
import { continueSignIn, findPendingSignIn, type StepwiseResult } from '../../use-cases/stepwise-sign-in.ts';
import type { DialectOptions } from '../dialect.ts';
import { finishSignIn } from '../finish-sign-in.ts';
import { holderOf } from './guards.ts';
import type { Holder } from './holder.ts';
import { registeredUser } from './roles.ts';
import { answerComplete, answerPending, towerClaims } from './sign-in-answer.ts';

type Complete = Extract<StepwiseResult, { outcome: 'signed-in' }>;

/** Signing in, going on with it, and its renewal. */
export const sessionRoutes: FastifyPluginAsyncTypebox<DialectOptions> = async (app, options) => {
  const { context, mqtt, settings } = options;
  const isRenewable = settings.towerControl.accessTokenRenews;

  app.post('/session/signin', { schema: signinSchema, config: signinConfig }, async (request) => {
    const { email: login, password } = request.body;
    const wishes = { remember: true, stepwise: true };
    const result = await signIn(context, { login, password, ...wishes }, callerOf(request));
    if (result.outcome === 'signed-in') return complete(request, result);
    return answerBegun(result.tempToken);
  });

  app.get(
    '/session/upgrade',
    { schema: upgradeSchema, config: upgradeConfig, exposeHeadRoute: false },
    (request) => upgrade(request, holderOf(request), request.query.secondFactor ?? ''),
  );

  async function answerBegun(tempToken: string) {
    const begun = await findPendingSignIn(context, tempToken);
    if (!begun?.account) throw new BednetError('AUTH_INVALID_CREDENTIALS');
    const { pending, account } = begun;
    // This wire has no word for the step; the address is verified on Bednet's own page.
    if (pending.steps.includes('email-verification')) throw new BednetError('AUTH_INVALID_CREDENTIALS');
    const answer = await answerPending(context, { account, pending }, [registeredUser]);
    if (answer.twoFAType === 'EMAIL' && !answer.twoFAValidated)
      await mailSecondFactorCode(context, tempToken);
    return answer;
  }

  async function upgrade(request: FastifyRequest, holder: Holder, code: string) {
    const caller = callerOf(request);
    switch (holder.kind) {
      case 'renewal':
        return renewed(await renew(context, holder.renewalToken, caller));
      case 'session':
        return renewed(await renewByAccessToken(context, leaveToRenew(holder.token), caller));
      case 'pending': {
        if (!holder.pending.account) throw new BednetError('RES_NOT_FOUND');
        const result = await continueSignIn(context, { tempToken: holder.tempToken, code }, caller);
        return result.outcome === 'pending' ? answerPending(context, result, []) : complete(request, result);
      }
    }
  }

  /** The setting counts at once, also for tokens of before. */
  function leaveToRenew(token: PresentedToken): PresentedToken {
    return { ...token, isRenewable: isRenewable && token.isRenewable === true };
  }

  async function complete(request: FastifyRequest, { account, session }: Omit<Complete, 'outcome'>) {
    const claims = towerClaims(session, { isRenewable });
    const pair = await finishSignIn(app, request, context, { account, session }, claims);
    return answerComplete(context, { account, pair }, mqtt);
  }

  async function renewed({ account, session }: Omit<Complete, 'outcome'>) {
    const pair = await issueTokens(context, session, towerClaims(session, { isRenewable }));
    return answerComplete(context, { account, pair }, mqtt);
  }
};

const refused = [400, 'user-login-refused'] as const;
const signinConfig = {
  guard: 'P',
  refusals: { AUTH_INVALID_CREDENTIALS: refused, RATE_LIMIT_EXCEEDED: refused, VAL: refused },
} as const;

const bruteForce = [400, 'user-upgrade-brute-force'] as const;
const upgradeConfig = {
  guard: '1',
  takesRenewalToken: true,
  roleRefusal: [400, 'user-upgrade-missing-role'],
  refusals: {
    RATE_LIMIT_EXCEEDED: bruteForce,
    RES_NOT_FOUND: [400, 'user-upgrade-missing-user'],
  },
} as const;

const signinSchema = {
  summary: 'Sign in',
  description:
    'Every failed sign-in gets one and the same answer. Without ROLE_LOGIN_COMPLETE in the token there are steps left, ' +
    'in any order: a code by session/upgrade, profile/eula, profile/password/change; then session/upgrade again.',
  tags: ['session'],
  body: SigninBody,
  response: results({ 200: UserLoginResponse }),
};

const upgradeSchema = {
  summary: 'Go on with a sign-in, or renew a session',
  description:
    'With the token of a sign-in under way: takes the code, if one is due; a wrong or missing one is answered with ' +
    'twoFAValidated false. With jwtRenewalToken, or a complete jwtToken: renews the session.',
  tags: ['session'],
  security: [{ accessToken: [] }],
  querystring: CodeQuery,
  response: results({ 200: UserLoginResponse }),
};
