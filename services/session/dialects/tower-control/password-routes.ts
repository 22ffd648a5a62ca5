import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  ChangeBody,
  done as doneShape,
  EmailBody,
  ResetBody,
  results,
} from '../../../contract/tower-control.ts';
import { BednetError } from '../../../core/errors.ts';
import { callerOf } from '../../session-context.ts';
import { askForReset } from '../../use-cases/ask-for-reset.ts';
import { changePassword } from '../../use-cases/change-password.ts';
import { changePendingPassword } from '../../use-cases/change-pending-password.ts';
import { assertFitPassword } from '../../use-cases/fit-password.ts';
import { resetPassword } from '../../use-cases/reset-password.ts';
import type { DialectOptions } from '../dialect.ts';
import { actionResult, done, noAccess, userNotFound } from './answers.ts';
import { getAccount } from './get-account.ts';
import { holderOf } from './guards.ts';
import { changeKeyOf, tokenOfChangeKey } from './link-keys.ts';

const changed = 'user-profile-password-changed';
const asked = 'user-profile-password-lost-done';
const link = { page: 'tower-password', spell: changeKeyOf } as const;
const keyDigits = 128;
/** What is known of somebody before the key is looked at. */
const somebody = { username: '', roles: [] };

/** The three ways to a new password. */
export const passwordRoutes: FastifyPluginAsyncTypebox<DialectOptions> = async (app, { context }) => {
  app.put('/profile/password/change', { schema: changeSchema, config: changeConfig }, async (request) => {
    const holder = holderOf(request);
    await getAccount(context, holder);
    const { password: newPassword, currentPassword } = request.body;
    const caller = callerOf(request);
    if (holder.kind === 'pending') {
      await changePendingPassword(context, { tempToken: holder.tempToken, newPassword }, caller);
    }
    if (holder.kind === 'session') {
      await changePassword(context, holder.session, { currentPassword, newPassword }, caller);
    }
    return done(changed);
  });

  app.put('/profile/password/reset', { schema: resetSchema, config: resetConfig }, async (request, reply) => {
    const { password: newPassword, changeKey = '' } = request.body;
    await assertFitPassword(context, newPassword, somebody, 'new_password');
    if (changeKey.length !== keyDigits) {
      return reply.status(400).send(actionResult(400, 'user-profile-key-not-valid'));
    }
    const token = tokenOfChangeKey(changeKey);
    if (token === undefined) throw new BednetError('AUTH_INVALID_TOKEN');
    await resetPassword(context, { token, newPassword }, callerOf(request));
    return done(changed);
  });

  app.post('/profile/password/request', { schema: requestSchema, config: requestConfig }, async (request) => {
    const { email = '' } = request.body;
    await askForReset(context, email, callerOf(request), link);
    return done(asked);
  });
};

const notValid = [400, 'user-profile-password-not-valid'] as const;
const notChanged = [400, 'user-profile-change-failed'] as const;

const changeConfig = {
  guard: '1',
  refusals: {
    RES_NOT_FOUND: [403, userNotFound],
    // A wrong current password, or a sign-in that does not wait for a new one.
    AUTH_INVALID_CREDENTIALS: noAccess,
    AUTH_SESSION_EXPIRED: noAccess,
    RATE_LIMIT_EXCEEDED: notChanged,
    VAL_PASSWORD_UNCHANGED: notChanged,
    VAL: notValid,
  },
} as const;

const resetConfig = {
  guard: 'P',
  refusals: {
    AUTH_INVALID_TOKEN: [403, 'user-profile-key-not-found'],
    VAL_PASSWORD_UNCHANGED: notChanged,
    VAL: notValid,
  },
} as const;

const requestConfig = {
  guard: 'P',
  refusals: { RATE_LIMIT_EXCEEDED: [200, asked], VAL_INVALID_FORMAT: [200, asked] },
} as const;

const changeSchema = {
  summary: 'Change the password',
  description:
    'With a complete token: needs a sign-in of at most five minutes ago or `currentPassword`, and ends all other ' +
    'sessions. With that of a sign-in under way: only while passwordExpired.',
  tags: ['profile'],
  security: [{ accessToken: [] }],
  body: ChangeBody,
  response: results({ 200: doneShape(changed) }),
};

const resetSchema = {
  summary: 'Set a new password by the link of a mail',
  description:
    'Ends all sessions and signs nobody in. The key works once and for an hour; a newer one replaces it.',
  tags: ['profile'],
  body: ResetBody,
  response: results({ 200: doneShape(changed) }),
};

const requestSchema = {
  summary: 'Ask for a link to a new password',
  description: 'The answer is the same whether the address is known or not. At most three mails an hour.',
  tags: ['profile'],
  body: EmailBody,
  response: results({ 200: doneShape(asked) }),
};
