import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import qrcode from 'qrcode';
import {
  EnableBody,
  Enrolment,
  MailCodeBody,
  SignInAnswer,
  VerifyCodeBody,
} from '../../../contract/native-second-factor.ts';
import {
  bodyFaults,
  failures,
  Nothing,
  passwordFaults,
  success,
  tokenFaults,
} from '../../../contract/native.ts';
import { findAccount, type Account } from '../../../core/accounts/account.ts';
import { BednetError } from '../../../core/errors.ts';
import { callerOf, type SessionContext } from '../../session-context.ts';
import { checkAccess } from '../../use-cases/check-access.ts';
import { mailSecondFactorCode, passFactorStep } from '../../use-cases/pass-factor-step.ts';
import {
  confirmSecondFactor,
  enrolAtSignIn,
  enrolSecondFactor,
  type StartedEnrolment,
} from '../../use-cases/enrol-second-factor.ts';
import { issueTokens } from '../../use-cases/issue-tokens.ts';
import { succeed, toTokens } from './answers.ts';
import type { NativeOptions } from './public-routes.ts';
import { answerSignIn, presentedTempToken } from './sign-in-answer.ts';
import { getPresentedToken } from '../signed-in.ts';

/** Routes that take the temp token of a pending sign-in, or the access token of a session. */
export const pendingRoutes: FastifyPluginAsyncTypebox<NativeOptions> = async (app, options) => {
  const { context, mqtt } = options;

  for (const path of ['/2fa/verify', '/2fa/verify-login']) {
    app.post(path, { schema: verifySchema }, async (request) => {
      const { code } = request.body;
      const tempToken = presentedTempToken(request, request.body);
      if (tempToken === undefined) return succeed(request, await confirm(request, code));
      const result = await passFactorStep(context, { tempToken, code }, callerOf(request));
      return succeed(request, await answerSignIn(app, request, result, options));
    });
  }

  app.post('/2fa/email', { schema: mailSchema }, async (request) => {
    const tempToken = presentedTempToken(request, request.body);
    if (tempToken === undefined) throw new BednetError('AUTH_UNAUTHORIZED');
    await mailSecondFactorCode(context, tempToken);
    return succeed(request, {});
  });

  app.post('/2fa/enable', { schema: enableSchema }, async (request) => {
    const tempToken = presentedTempToken(request, request.body);
    const caller = callerOf(request);
    const enrolment =
      tempToken === undefined
        ? await enrolSecondFactor(context, await getSession(request), request.body ?? {}, caller)
        : await enrolAtSignIn(context, tempToken, caller);
    return succeed(request, await toEnrolment(enrolment));
  });

  async function confirm(request: FastifyRequest, code: string) {
    const session = await confirmSecondFactor(context, await getSession(request), code, callerOf(request));
    return toTokens(await issueTokens(context, session), await getAccount(context, session.uid), mqtt);
  }

  async function getSession(request: FastifyRequest) {
    return checkAccess(context, await getPresentedToken(app, request), callerOf(request));
  }
};

/** The account of a session. Throws AUTH_TOKEN_REVOKED if it was deleted meanwhile. */
export async function getAccount({ store }: SessionContext, uid: string): Promise<Account> {
  const account = await findAccount(store, uid);
  if (!account) throw new BednetError('AUTH_TOKEN_REVOKED');
  return account;
}

async function toEnrolment({ secret, uri, backupCodes }: StartedEnrolment) {
  const image = await qrcode.toDataURL(uri, { type: 'image/png', errorCorrectionLevel: 'M' });
  return { secret, otpauth_uri: uri, qr_code: image, backup_codes: backupCodes };
}

const factorFaults = [
  ...tokenFaults,
  ...bodyFaults,
  'AUTH_MFA_REQUIRED',
  'AUTH_MFA_INVALID',
  'RATE_LIMIT_EXCEEDED',
  'AUTH_CROSS_SITE',
  'SYS_BUSY',
  'SYS_NOT_DURABLE',
] as const;

const verifySchema = {
  summary: 'Complete a sign-in by a code, or confirm an enrolment',
  description:
    'With the temp token of a sign-in it answers as /login does; five wrong codes end that sign-in. With an access ' +
    'token it puts the second factor of /2fa/enable in force, ends all other sessions and answers with fresh tokens.',
  tags: ['second factor'],
  body: VerifyCodeBody,
  response: {
    200: success(SignInAnswer, 'Tokens, or the steps that are left before there are any'),
    ...failures(...factorFaults, 'AUTH_INVALID_CREDENTIALS'),
  },
};

const mailSchema = {
  summary: 'Mail a code for this sign-in',
  description:
    'Off unless EMAIL_SECOND_FACTOR is on. The newest code counts, for this sign-in only; asking again gives no ' +
    'further attempts. From the first mail on the sign-in has 600 s instead of 300 s to be completed.',
  tags: ['second factor'],
  body: MailCodeBody,
  response: { 200: success(Nothing, 'A mail is on its way'), ...failures(...factorFaults, 'RES_NOT_FOUND') },
};

const enableSchema = {
  summary: 'Enrol an authenticator',
  description:
    'Needs a fresh sign-in or the password, or the temp token of a sign-in that waits for an enrolment. Nothing ' +
    'changes before /2fa/verify takes a first right code. Secret and backup codes are shown here and never again.',
  tags: ['second factor'],
  body: EnableBody,
  response: {
    200: success(Enrolment, 'What the authenticator scans, and the backup codes'),
    ...failures(...factorFaults, ...passwordFaults, 'AUTH_INVALID_CREDENTIALS', 'AUTH_STEP_UP_REQUIRED'),
  },
};
