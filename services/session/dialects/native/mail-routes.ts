import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  AcceptTermsBody,
  ForgotPasswordBody,
  ResendVerificationBody,
  ResetPasswordBody,
  VerifyEmailBody,
} from '../../../contract/native-accounts.ts';
import { SignInAnswer } from '../../../contract/native-second-factor.ts';
import { bodyFaults, failures, newPasswordFaults, Nothing, success } from '../../../contract/native.ts';
import { callerOf } from '../../session-context.ts';
import { acceptTerms } from '../../use-cases/accept-terms.ts';
import { askForReset } from '../../use-cases/ask-for-reset.ts';
import { resetPassword } from '../../use-cases/reset-password.ts';
import { mailVerificationAgain, verifyAddress } from '../../use-cases/verify-address.ts';
import { succeed } from './answers.ts';
import type { NativeOptions } from './public-routes.ts';
import { answerSignIn, getTempToken } from './sign-in-answer.ts';

/** Routes for who holds no session: what mails lead to, and the steps of a sign-in that are no second factor. */
export const mailRoutes: FastifyPluginAsyncTypebox<NativeOptions> = async (app, options) => {
  const { context } = options;

  app.post('/forgot-password', { schema: forgotSchema }, async (request) => {
    await askForReset(context, request.body.email, callerOf(request));
    return succeed(request, {});
  });

  app.post('/reset-password', { schema: resetSchema }, async (request) => {
    const { token, new_password: newPassword } = request.body;
    await resetPassword(context, { token, newPassword }, callerOf(request));
    return succeed(request, {});
  });

  app.post('/verify-email', { schema: verifySchema }, async (request) => {
    await verifyAddress(context, request.body.token, callerOf(request));
    return succeed(request, {});
  });

  app.post('/resend-verification', { schema: resendSchema }, async (request) => {
    await mailVerificationAgain(context, getTempToken(request, request.body), callerOf(request));
    return succeed(request, {});
  });

  app.post('/accept-terms', { schema: termsSchema }, async (request) => {
    const terms = { tempToken: getTempToken(request, request.body), version: request.body.version };
    const result = await acceptTerms(context, terms, callerOf(request));
    return succeed(request, await answerSignIn(app, request, result, options));
  });
};

const pendingFaults = [
  'AUTH_UNAUTHORIZED',
  'AUTH_INVALID_TOKEN',
  'AUTH_SESSION_EXPIRED',
  'AUTH_MFA_REQUIRED',
] as const;

const forgotSchema = {
  summary: 'Ask for a link to a new password',
  description: 'The answer is the same whether the address is known or not. At most three mails an hour.',
  tags: ['account'],
  body: ForgotPasswordBody,
  response: {
    200: success(Nothing, 'If the address belongs to an account, a mail is on its way'),
    ...failures(...bodyFaults, 'RATE_LIMIT_EXCEEDED'),
  },
};

const resetSchema = {
  summary: 'Set a new password by the link of a mail',
  description:
    'Ends all sessions and signs nobody in. The link works once and for an hour; a newer one replaces it. After ' +
    'SYS_NOT_DURABLE, the same link with the same password works again for ten minutes.',
  tags: ['account'],
  body: ResetPasswordBody,
  response: {
    200: success(Nothing, 'The password is changed'),
    ...failures(
      ...bodyFaults,
      ...newPasswordFaults,
      'VAL_PASSWORD_UNCHANGED',
      'AUTH_INVALID_TOKEN',
      'RATE_LIMIT_EXCEEDED',
      'SYS_NOT_DURABLE',
    ),
  },
};

const verifySchema = {
  summary: 'Verify an e-mail address by the link of a mail',
  description:
    "The address that an account was made with, or the one of /change-email, which becomes the account's now. Signs " +
    'nobody in. The link works once, for a day or, of a change, an hour; a newer one replaces it.',
  tags: ['account'],
  body: VerifyEmailBody,
  response: {
    200: success(Nothing, 'The address is verified; sign in again'),
    ...failures(...bodyFaults, 'AUTH_INVALID_TOKEN', 'SYS_NOT_DURABLE'),
  },
};

const resendSchema = {
  summary: 'Mail the link that verifies the address once more',
  description: 'For a sign-in that waits for it. At most three mails an hour; the answer does not tell.',
  tags: ['account'],
  body: ResendVerificationBody,
  response: {
    200: success(Nothing, 'A mail is on its way, unless there were too many'),
    ...failures(...bodyFaults, ...pendingFaults, 'RATE_LIMIT_EXCEEDED'),
  },
};

const termsSchema = {
  summary: 'Accept the terms, where a sign-in waits for it',
  tags: ['session'],
  body: AcceptTermsBody,
  response: {
    200: success(SignInAnswer, 'A fresh session with its tokens, or the steps that are left'),
    ...failures(...bodyFaults, ...pendingFaults, 'AUTH_CROSS_SITE', 'SYS_NOT_DURABLE'),
  },
};
