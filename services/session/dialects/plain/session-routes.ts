import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { bodyFaults, tokenFaults } from '../../../contract/native.ts';
import { Me, problems, RenewalBody, SignedOut, TokensByName } from '../../../contract/plain.ts';
import { BednetError } from '../../../core/errors.ts';
import { callerOf } from '../../session-context.ts';
import { describeAccount } from '../../use-cases/describe-account.ts';
import { signOut } from '../../use-cases/end-sessions.ts';
import { issueTokens } from '../../use-cases/issue-tokens.ts';
import { renew } from '../../use-cases/renew.ts';
import { presentedRenewalToken, refuseForms } from '../renewal-token.ts';
import { getPresentedToken, requireSession, sessionOf } from '../signed-in.ts';
import { answerTokens, claimsOf, type PlainOptions } from './answer-tokens.ts';

/** Routes for the holder of a token of a session. */
export const sessionRoutes: FastifyPluginAsyncTypebox<PlainOptions> = async (app, options) => {
  const { context, settings } = options;

  app.post(
    '/refresh',
    { schema: refreshSchemaFor(settings), onRequest: refuseForms },
    async (request, reply) => {
      const token = presentedRenewalToken(app, request, renewalTokenOf(request.body));
      if (token === undefined) throw missingRenewalToken();
      const { account, session } = await renew(context, token, callerOf(request));
      const pair = await issueTokens(context, session, claimsOf(account));
      return answerTokens(options, { request, reply }, pair);
    },
  );

  app.post('/logout', { schema: logoutSchema, onRequest: refuseForms }, async (request, reply) => {
    const renewalToken = presentedRenewalToken(app, request, renewalTokenOf(request.body));
    const isByCookie = request.renewalCookie() !== undefined && request.headers.authorization === undefined;
    const token = isByCookie ? undefined : await getPresentedToken(app, request);
    await signOut(context, { token, renewalToken }, callerOf(request));
    reply.clearRenewalCookie();
    return { signedOut: true as const };
  });

  await app.register(meRoute, options);
};

const meRoute: FastifyPluginAsyncTypebox<PlainOptions> = async (app, { context }) => {
  requireSession(app, context);

  app.get('/me', { schema: meSchema }, async (request) => {
    const { account, permissions } = await describeAccount(context, sessionOf(request));
    const { uid: sub, fullName: name, email, username, roles } = account;
    return { sub, name, email, role: roles[0] ?? 'user', username, permissions: [...permissions] };
  });
};

/** Two names, one meaning; two different values are no token at all. */
function renewalTokenOf(body: RenewalBody): string | undefined {
  const { refreshToken: camel, refresh_token: snake } = body ?? {};
  if (camel === undefined || snake === undefined || camel === snake) return camel ?? snake;
  const message = 'The fields refreshToken and refresh_token differ.';
  throw new BednetError('VAL_INVALID_FORMAT', { field: 'refreshToken', message });
}

function missingRenewalToken(): BednetError {
  const message = 'The field refreshToken is missing.';
  return new BednetError('VAL_MISSING_FIELD', { field: 'refreshToken', message });
}

const security = [{ accessToken: [] }];

const refreshSchemaFor = ({ tokenName }: PlainOptions['settings']) => ({
  summary: 'Renew the tokens of a session',
  description: 'Repeating a renewal whose answer was lost is safe. An older renewal token ends the session.',
  tags: ['session'],
  body: RenewalBody,
  response: {
    200: TokensByName[tokenName],
    ...problems(
      ...bodyFaults,
      'AUTH_INVALID_TOKEN',
      'AUTH_TOKEN_REVOKED',
      'AUTH_SESSION_EXPIRED',
      'AUTH_CROSS_SITE',
      'RATE_LIMIT_EXCEEDED',
      'SYS_NOT_DURABLE',
    ),
  },
});

const logoutSchema = {
  summary: 'Sign out: end this session',
  description: 'Doing it twice, or with a token that has expired, is no error.',
  tags: ['session'],
  security,
  body: RenewalBody,
  response: {
    200: SignedOut,
    ...problems(
      ...bodyFaults,
      'AUTH_UNAUTHORIZED',
      'AUTH_INVALID_TOKEN',
      'AUTH_CROSS_SITE',
      'SYS_NOT_DURABLE',
    ),
  },
};

const meSchema = {
  summary: 'The signed-in account',
  tags: ['account'],
  security,
  response: { 200: Me, ...problems(...tokenFaults) },
};
