import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import {
  CodeQuery,
  done as doneShape,
  NoBody,
  results,
  TwoFa,
  TwoFaBody,
} from '../../../contract/tower-control.ts';
import { BednetError } from '../../../core/errors.ts';
import { totpUri } from '../../../core/second-factor/totp.ts';
import { callerOf } from '../../session-context.ts';
import { acceptTerms } from '../../use-cases/accept-terms.ts';
import { acceptTermsSignedIn, getTermsInForce } from '../../use-cases/accept-terms-signed-in.ts';
import { checkOwnCode, chooseMailFactor, chooseNoFactor } from '../../use-cases/choose-second-factor.ts';
import { enrolAtSignIn, enrolSecondFactor } from '../../use-cases/enrol-second-factor.ts';
import type { DialectOptions } from '../dialect.ts';
import { actionResult, done, noAccess, userNotFound } from './answers.ts';
import { holderOf, sessionOf } from './guards.ts';
import { getAccount } from './get-account.ts';
import { loginIdOf } from './login-id.ts';
import { askedType } from './two-factor-types.ts';

/** The terms, and the second factor of who has signed in. */
export const stepRoutes: FastifyPluginAsyncTypebox<DialectOptions> = async (app, { context }) => {
  app.put('/profile/eula', { schema: eulaSchema, config: eulaConfig }, async (request) => {
    const holder = holderOf(request);
    const version = getTermsInForce(context);
    const { uid } = await getAccount(context, holder, 'RES_ACCOUNT_DELETED');
    const caller = callerOf(request);
    if (holder.kind === 'session')
      await acceptTermsSignedIn(context, { uid, sid: holder.session.sid }, caller);
    if (holder.kind === 'pending' && holder.pending.pending.steps.includes('terms')) {
      await acceptTerms(context, { tempToken: holder.tempToken, version }, caller);
    }
    return done('user-profile-eula-accepted');
  });

  app.get(
    '/session/2fa',
    { schema: codeSchema, config: codeConfig, exposeHeadRoute: false },
    async (request) => {
      const { secondFactor: code = '' } = request.query;
      await getAccount(context, holderOf(request));
      if (code === '') throw new BednetError('AUTH_MFA_REQUIRED');
      await checkOwnCode(context, sessionOf(request), code, callerOf(request));
      return done('user-session-2fa-code-valid');
    },
  );

  app.put('/profile/2fa', { schema: twoFaSchema, config: twoFaConfig }, async (request, reply) => {
    const type = askedType(request.body);
    if (type === undefined) throw new BednetError('VAL_INVALID_FORMAT');
    if (type === 'SMS')
      return reply.status(400).send(actionResult(400, 'user-profile-2fa-sms-not-supported'));
    const secret = await chooseFactor(request, type);
    return { twoFaMethod: request.body.twoFaMethod ?? -1, twoFaType: type, secret };
  });

  async function chooseFactor(request: FastifyRequest, type: 'NONE' | 'EMAIL' | 'AUTHENTICATOR') {
    const holder = holderOf(request);
    const account = await getAccount(context, holder);
    const caller = callerOf(request);
    if (holder.kind === 'pending') {
      if (type !== 'AUTHENTICATOR') throw new BednetError('AUTH_INSUFFICIENT_PERMISSIONS');
      return uriOf(account.uid, await enrolAtSignIn(context, holder.tempToken, caller, false));
    }
    const session = sessionOf(request);
    if (type === 'AUTHENTICATOR') {
      const wish = { wantsBackupCodes: false };
      return uriOf(account.uid, await enrolSecondFactor(context, session, wish, caller));
    }
    const choose = type === 'EMAIL' ? chooseMailFactor : chooseNoFactor;
    await choose(context, { session, account }, caller);
    return '';
  }

  /** What the client draws as a picture for the authenticator. */
  function uriOf(uid: string, { secret }: { secret: string }): string {
    return totpUri(secret, { issuer: context.productName, account: loginIdOf(uid) });
  }
};

const who = { RES_NOT_FOUND: [400, userNotFound] } as const;

const eulaConfig = {
  guard: '1',
  refusals: {
    RES_NOT_FOUND: [400, 'user-profile-condition-not-found'],
    RES_ACCOUNT_DELETED: [400, userNotFound],
  },
} as const;

const codeInvalid = [400, 'user-session-2fa-code-invalid'] as const;
const codeConfig = {
  guard: 'C',
  refusals: {
    ...who,
    AUTH_MFA_REQUIRED: [400, 'user-session-2fa-code-missing'],
    AUTH_MFA_INVALID: codeInvalid,
    RATE_LIMIT_EXCEEDED: codeInvalid,
    VAL: codeInvalid,
  },
} as const;

const notValid = [400, 'user-profile-2fa-method-not-valid'] as const;
const notHere = [400, noAccess[1]] as const;
const twoFaConfig = {
  // Or C, and whoever has to enrol before there is a session: nobody else gets past enrolAtSignIn.
  guard: '1',
  refusals: {
    ...who,
    AUTH_STEP_UP_REQUIRED: notHere,
    AUTH_INSUFFICIENT_PERMISSIONS: notHere,
    AUTH_SESSION_EXPIRED: noAccess,
    AUTH_MFA_REQUIRED: noAccess,
    RES_MAIL_IMPOSSIBLE: notValid,
    VAL: notValid,
  },
} as const;

const eulaSchema = {
  summary: 'Accept the terms in force',
  tags: ['profile'],
  security: [{ accessToken: [] }],
  body: NoBody,
  response: results({ 200: doneShape('user-profile-eula-accepted') }),
};

const codeSchema = {
  summary: 'Check a code of the second factor',
  description:
    'The first right code puts an authenticator in force and ends all other sessions. A wrong one counts.',
  tags: ['session'],
  security: [{ accessToken: [] }],
  querystring: CodeQuery,
  response: results({ 200: doneShape('user-session-2fa-code-valid') }),
};

const twoFaSchema = {
  summary: 'Choose the second factor',
  description:
    'Needs a sign-in of at most five minutes ago. An authenticator is in force once session/2fa has seen a right code; ' +
    'its secret is shown here and never again.',
  tags: ['profile'],
  security: [{ accessToken: [] }],
  body: TwoFaBody,
  response: results({ 200: TwoFa }),
};
