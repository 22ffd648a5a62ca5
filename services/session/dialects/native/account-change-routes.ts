import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  ChangeEmailBody,
  ChangeMeBody,
  DeleteAccountBody,
  DeletedAccount,
} from '../../../contract/native-accounts.ts';
import {
  bodyFaults,
  failures,
  Nothing,
  passwordFaults,
  success,
  tokenFaults,
  User,
} from '../../../contract/native.ts';
import { callerOf } from '../../session-context.ts';
import { askForEmailChange } from '../../use-cases/change-email.ts';
import { changeOwnProfile } from '../../use-cases/change-own-profile.ts';
import { deleteOwnAccount } from '../../use-cases/delete-own-account.ts';
import { describeAccount } from '../../use-cases/describe-account.ts';
import { requireSession, sessionOf } from '../signed-in.ts';
import { succeed, toUser } from './answers.ts';
import type { NativeOptions } from './public-routes.ts';

/** What a signed-in person does to the account as a whole. */
export const accountChangeRoutes: FastifyPluginAsyncTypebox<NativeOptions> = async (app, { context }) => {
  requireSession(app, context);

  app.put('/me', { schema: changeMeSchema }, async (request) => {
    const { full_name: fullName, language } = request.body;
    const session = sessionOf(request);
    await changeOwnProfile(context, session, { fullName, language }, callerOf(request));
    const { account, permissions } = await describeAccount(context, session);
    return succeed(request, toUser(account, permissions));
  });

  app.delete('/me', { schema: deleteSchema }, async (request, reply) => {
    const proof = request.body ?? {};
    const { purgeAtMs } = await deleteOwnAccount(context, sessionOf(request), proof, callerOf(request));
    reply.clearRenewalCookie();
    return succeed(request, { purge_at: new Date(purgeAtMs).toISOString() });
  });

  app.post('/change-email', { schema: changeEmailSchema }, async (request) => {
    await askForEmailChange(context, sessionOf(request), request.body, callerOf(request));
    return succeed(request, {});
  });
};

const tags = ['account'];
const security = [{ accessToken: [] }];
const proofFaults = [
  ...tokenFaults,
  ...bodyFaults,
  ...passwordFaults,
  'AUTH_STEP_UP_REQUIRED',
  'AUTH_INVALID_CREDENTIALS',
  'AUTH_MFA_REQUIRED',
  'AUTH_MFA_INVALID',
  'RATE_LIMIT_EXCEEDED',
] as const;

const changeMeSchema = {
  summary: 'Change the full name or the language of mails',
  tags,
  security,
  body: ChangeMeBody,
  response: {
    200: success(User, 'The account as it is now'),
    ...failures(...tokenFaults, ...bodyFaults, 'SYS_NOT_DURABLE'),
  },
};

const deleteSchema = {
  summary: 'Delete the account',
  description:
    'Needs a fresh sign-in, or the password and, where a second factor is on, a code. Ends all sessions at once. An ' +
    'administrator can restore the account until `purge_at`; then it is removed for good and its names are free.',
  tags,
  security,
  body: DeleteAccountBody,
  response: {
    200: success(DeletedAccount, 'The account is deleted'),
    ...failures(...proofFaults, 'RES_LAST_ADMIN', 'SYS_BUSY', 'SYS_NOT_DURABLE'),
  },
};

const changeEmailSchema = {
  summary: 'Ask for another e-mail address',
  description:
    'Needs a fresh sign-in, or the password and, where a second factor is on, a code. A link goes to the new address, ' +
    'a notice to the old one; nothing changes before the link is used (/verify-email). The answer is the same whether ' +
    'the address is taken or not. A new password or ending all other sessions voids the change.',
  tags,
  security,
  body: ChangeEmailBody,
  response: {
    200: success(Nothing, 'Mails are on their way'),
    ...failures(...proofFaults, 'RES_MAIL_IMPOSSIBLE', 'SYS_NOT_DURABLE'),
  },
};
