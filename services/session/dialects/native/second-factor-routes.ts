import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import {
  BackupCodesLeft,
  ChangeFactorBody,
  NewBackupCodes,
  StepUpBody,
} from '../../../contract/native-second-factor.ts';
import {
  bodyFaults,
  failures,
  passwordFaults,
  success,
  tokenFaults,
  Tokens,
} from '../../../contract/native.ts';
import { findSecondFactor } from '../../../core/second-factor/authenticator.ts';
import type { LiveSession } from '../../../core/sessions/session.ts';
import { callerOf } from '../../session-context.ts';
import { disableSecondFactor, renewBackupCodes } from '../../use-cases/change-second-factor.ts';
import { issueTokens } from '../../use-cases/issue-tokens.ts';
import { stepUp } from '../../use-cases/prove-again.ts';
import { succeed, toTokens } from './answers.ts';
import { getAccount } from './pending-routes.ts';
import type { NativeOptions } from './public-routes.ts';
import { requireSession, sessionOf } from '../signed-in.ts';

/** Step-up, and what a signed-in person does with the second factor that is on. */
export const secondFactorRoutes: FastifyPluginAsyncTypebox<NativeOptions> = async (
  app,
  { context, mqtt },
) => {
  requireSession(app, context);

  app.post('/step-up', { schema: stepUpSchema }, async (request) => {
    const session = await stepUp(context, sessionOf(request), request.body, callerOf(request));
    return succeed(request, await freshTokens(session));
  });

  app.post('/2fa/disable', { schema: disableSchema }, async (request) => {
    const session = await disableSecondFactor(context, sessionOf(request), request.body, callerOf(request));
    return succeed(request, await freshTokens(session));
  });

  app.get('/2fa/backup-codes', { schema: leftSchema }, async (request: FastifyRequest) => {
    const { method, backupCodesLeft } = await findSecondFactor(context.store, sessionOf(request).uid);
    return succeed(request, { enabled: method !== 'none', remaining: backupCodesLeft });
  });

  app.post('/2fa/backup-codes/regenerate', { schema: regenerateSchema }, async (request) => {
    const renewed = await renewBackupCodes(context, sessionOf(request), request.body, callerOf(request));
    return succeed(request, { ...(await freshTokens(renewed.session)), backup_codes: renewed.backupCodes });
  });

  async function freshTokens(session: LiveSession) {
    return toTokens(await issueTokens(context, session), await getAccount(context, session.uid), mqtt);
  }
};

const tags = ['second factor'];
const security = [{ accessToken: [] }];
const proofFaults = [
  ...tokenFaults,
  ...bodyFaults,
  ...passwordFaults,
  'AUTH_INVALID_CREDENTIALS',
  'AUTH_MFA_REQUIRED',
  'AUTH_MFA_INVALID',
  'RATE_LIMIT_EXCEEDED',
] as const;
const changeFaults = [...proofFaults, 'AUTH_STEP_UP_REQUIRED', 'SYS_NOT_DURABLE'] as const;

const stepUpSchema = {
  summary: 'Prove again who you are, so that this session counts as fresh',
  description:
    'A code is needed where a second factor is on. Security changes ask for it with AUTH_STEP_UP_REQUIRED.',
  tags: ['session'],
  security,
  body: StepUpBody,
  response: { 200: success(Tokens, 'Fresh tokens of this session'), ...failures(...proofFaults) },
};

const disableSchema = {
  summary: 'Turn the second factor off',
  description: 'Needs a code, and the password unless the sign-in is fresh. Ends all other sessions.',
  tags,
  security,
  body: ChangeFactorBody,
  response: {
    200: success(Tokens, 'The second factor is off; fresh tokens of this session'),
    ...failures(...changeFaults, 'AUTH_INSUFFICIENT_PERMISSIONS'),
  },
};

const leftSchema = {
  summary: 'How many backup codes are left',
  tags,
  security,
  response: { 200: success(BackupCodesLeft, 'The number, never the codes'), ...failures(...tokenFaults) },
};

const regenerateSchema = {
  summary: 'Make ten new backup codes; the old ones are void',
  description: 'Needs a code, and the password unless the sign-in is fresh. Ends all other sessions.',
  tags,
  security,
  body: ChangeFactorBody,
  response: {
    200: success(NewBackupCodes, 'The codes, never shown again, and fresh tokens of this session'),
    ...failures(...changeFaults),
  },
};
