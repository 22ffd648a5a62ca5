import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { bodyFaults, failures, LogoutBody, Nothing, success } from '../../../contract/native.ts';
import { callerOf } from '../../session-context.ts';
import { signOut } from '../../use-cases/end-sessions.ts';
import { succeed } from './answers.ts';
import type { NativeOptions } from './public-routes.ts';
import { presentedRenewalToken, refuseForms } from '../renewal-token.ts';
import { getPresentedToken } from '../signed-in.ts';

/**
 * Sign-out asks for a genuine token only, or for the cookie of a page of ours: that of an ended or expired session is as good as any (RFC
 * 7009 2.2).
 */
export const signOutRoute: FastifyPluginAsyncTypebox<NativeOptions> = async (app, { context }) => {
  app.post('/logout', { schema, onRequest: refuseForms }, async (request, reply) => {
    const renewalToken = presentedRenewalToken(app, request, request.body?.refresh_token);
    const isByCookie = request.renewalCookie() !== undefined && request.headers.authorization === undefined;
    const token = isByCookie ? undefined : await getPresentedToken(app, request);
    await signOut(context, { token, renewalToken }, callerOf(request));
    reply.clearRenewalCookie();
    return succeed(request, {});
  });
};

const schema = {
  summary: 'Sign out: end this session',
  description: 'Doing it twice, or with a token that has expired, is no error.',
  tags: ['session'],
  security: [{ accessToken: [] }],
  body: LogoutBody,
  response: {
    200: success(Nothing, 'The session is ended'),
    ...failures(
      ...bodyFaults,
      'AUTH_UNAUTHORIZED',
      'AUTH_INVALID_TOKEN',
      'AUTH_CROSS_SITE',
      'SYS_NOT_DURABLE',
    ),
  },
};
