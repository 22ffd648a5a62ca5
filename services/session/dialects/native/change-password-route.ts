import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { SignInAnswer } from '../../../contract/native-second-factor.ts';
import {
  bodyFaults,
  ChangePasswordBody,
  failures,
  newPasswordFaults,
  success,
  tokenFaults,
} from '../../../contract/native.ts';
import { findAccount } from '../../../core/accounts/account.ts';
import { BednetError } from '../../../core/errors.ts';
import { bearerToken } from '../../../plugins/bearer-token.ts';
import { callerOf } from '../../session-context.ts';
import { changePassword } from '../../use-cases/change-password.ts';
import { changePendingPassword } from '../../use-cases/change-pending-password.ts';
import { issueTokens } from '../../use-cases/issue-tokens.ts';
import { succeed, toTokens } from './answers.ts';
import type { NativeOptions } from './public-routes.ts';
import { answerSignIn, presentedTempToken } from './sign-in-answer.ts';
import { admit, sessionOf } from '../signed-in.ts';

/**
 * One address for both changes of a password: that of a live session, by its access token, and the one that a pending
 * sign-in waits for, by its temp token. A bearer token is looked at before the body is read.
 */
export const changePasswordRoute: FastifyPluginAsyncTypebox<NativeOptions> = async (app, options) => {
  const { context, mqtt } = options;
  app.decorateRequest('signedInSession', undefined);

  app.addHook('onRequest', async (request) => {
    const isPending = presentedTempToken(request, null) !== undefined;
    if (bearerToken(request) !== undefined && !isPending) await admit(app, request, context);
  });

  app.addHook('preValidation', async (request) => {
    const tempToken = presentedTempToken(request, request.body as { temp_token?: string } | null);
    if (tempToken === undefined && !request.signedInSession) throw new BednetError('AUTH_UNAUTHORIZED');
  });

  app.post('/change-password', { schema }, async (request) => {
    const tempToken = presentedTempToken(request, request.body);
    const newPassword = request.body.new_password;
    if (request.signedInSession || tempToken === undefined) {
      return succeed(request, await change(request, request.body));
    }
    const result = await changePendingPassword(context, { tempToken, newPassword }, callerOf(request));
    return succeed(request, await answerSignIn(app, request, result, options));
  });

  async function change(request: FastifyRequest, body: Passwords) {
    const passwords = { currentPassword: currentPasswordOf(body), newPassword: body.new_password };
    const session = await changePassword(context, sessionOf(request), passwords, callerOf(request));
    const account = await findAccount(context.store, session.uid);
    if (!account) throw new BednetError('AUTH_TOKEN_REVOKED');
    return toTokens(await issueTokens(context, session), account, mqtt);
  }
};

interface Passwords {
  current_password?: string;
  old_password?: string;
  new_password: string;
}

/** Old clients call it `old_password`; two different ones are no password at all. */
function currentPasswordOf({ current_password: current, old_password: old }: Passwords): string {
  if (current !== undefined && old !== undefined && current !== old) {
    const message = 'The fields current_password and old_password differ.';
    throw new BednetError('VAL_INVALID_FORMAT', { field: 'current_password', message });
  }
  const given = current ?? old;
  if (given !== undefined) return given;
  const message = 'The field current_password is missing.';
  throw new BednetError('VAL_MISSING_FIELD', { field: 'current_password', message });
}

const schema = {
  summary: 'Change the password',
  description:
    'Ends all other sessions. This one goes on with the tokens of the answer; a pending sign-in goes on as well.',
  tags: ['account'],
  security: [{ accessToken: [] }],
  body: ChangePasswordBody,
  response: {
    200: success(SignInAnswer, 'The password is changed; fresh tokens, or the steps that are left'),
    ...failures(
      ...tokenFaults,
      ...bodyFaults,
      ...newPasswordFaults,
      'VAL_PASSWORD_UNCHANGED',
      'AUTH_INVALID_CREDENTIALS',
      'AUTH_MFA_REQUIRED',
      'AUTH_CROSS_SITE',
      'RATE_LIMIT_EXCEEDED',
      'SYS_NOT_DURABLE',
    ),
  },
};
