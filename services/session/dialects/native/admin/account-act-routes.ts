import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  AccountPath,
  changeAnswers,
  Changed,
  ReasonBody,
  Roles,
  RolesBody,
  StateChanged,
} from '../../../../contract/admin.ts';
import { Nothing } from '../../../../contract/native.ts';
import { assignRoles, disable, enable, type AccountChange } from '../../../use-cases/admin/change-account.ts';
import {
  forcePasswordChange,
  removeFactor,
  startReset,
  unlock,
} from '../../../use-cases/admin/help-account.ts';
import { succeed } from '../answers.ts';
import type { AdminOptions } from './dialect.ts';
import { adminOf } from './guard.ts';
import { needs, needsFresh } from './route.ts';

/** Routes that change accounts. */
export const accountActRoutes: FastifyPluginAsyncTypebox<AdminOptions> = async (app, { context }) => {
  app.post('/accounts/:uid/disable', disableOptions, async (request) => {
    const act = { uid: request.params.uid, reason: request.body?.reason ?? 'disabled-by-admin' };
    return succeed(request, toStateChanged(await disable(context, adminOf(request), act)));
  });

  app.post('/accounts/:uid/enable', enableOptions, async (request) => {
    const act = { uid: request.params.uid, reason: request.body?.reason ?? 'enabled-by-admin' };
    return succeed(request, toStateChanged(await enable(context, adminOf(request), act)));
  });

  app.post('/accounts/:uid/unlock', unlockOptions, async (request) => {
    await unlock(context, adminOf(request), request.params.uid);
    return succeed(request, {});
  });

  app.post('/accounts/:uid/force-password-change', forceOptions, async (request) => {
    await forcePasswordChange(context, adminOf(request), request.params.uid);
    return succeed(request, {});
  });

  app.post('/accounts/:uid/remove-second-factor', removeFactorOptions, async (request) => {
    const changed = await removeFactor(context, adminOf(request), request.params.uid);
    return succeed(request, { changed });
  });

  app.post('/accounts/:uid/start-reset', resetOptions, async (request) => {
    await startReset(context, adminOf(request), request.params.uid);
    return succeed(request, {});
  });

  app.put('/accounts/:uid/roles', rolesOptions, async (request) => {
    const { uid } = request.params;
    const roles = await assignRoles(context, adminOf(request), { uid, roles: request.body.roles });
    return succeed(request, { roles });
  });
};

function toStateChanged({ changed, sessionsEnded }: AccountChange) {
  return { changed, ended_sessions: sessionsEnded };
}

const aboveYou = 'An account that may do what you may not is out of reach.';

const disableOptions = needsFresh('accounts.write', {
  summary: 'Disable an account and end all its sessions',
  description: aboveYou,
  params: AccountPath,
  body: ReasonBody,
  response: changeAnswers(
    StateChanged,
    'The account is disabled',
    'RES_NOT_FOUND',
    'RES_ACCOUNT_DELETED',
    'RES_LAST_ADMIN',
  ),
});

const enableOptions = needs('accounts.write', {
  summary: 'Enable an account',
  description: `No ended session comes back. ${aboveYou}`,
  params: AccountPath,
  body: ReasonBody,
  response: changeAnswers(StateChanged, 'The account is enabled', 'RES_NOT_FOUND', 'RES_ACCOUNT_DELETED'),
});

const unlockOptions = needs('accounts.write', {
  summary: 'Lift the delays after wrong passwords and codes',
  description: aboveYou,
  params: AccountPath,
  response: changeAnswers(Nothing, 'The next try is looked at', 'RES_NOT_FOUND', 'RES_ACCOUNT_DELETED'),
});

const forceOptions = needsFresh('accounts.write', {
  summary: 'Ask for a new password at the next sign-in',
  description: `Ends all sessions of the account. ${aboveYou}`,
  params: AccountPath,
  response: changeAnswers(
    Nothing,
    'The account must choose a new password',
    'RES_NOT_FOUND',
    'RES_ACCOUNT_DELETED',
  ),
});

const removeFactorOptions = needsFresh('accounts.write', {
  summary: 'Remove a second factor that its owner has lost',
  description: `Ends all sessions of the account and tells the owner by mail. ${aboveYou}`,
  params: AccountPath,
  response: changeAnswers(
    Changed,
    'The account has no second factor',
    'RES_NOT_FOUND',
    'RES_ACCOUNT_DELETED',
  ),
});

const resetOptions = needs('accounts.write', {
  summary: 'Mail the owner a link for a new password',
  description: `The password stays as it is until the owner sets another one. Nobody else sees the link. ${aboveYou}`,
  params: AccountPath,
  response: changeAnswers(
    Nothing,
    'The mail is on its way',
    'RES_NOT_FOUND',
    'RES_ACCOUNT_DELETED',
    'RES_MAIL_IMPOSSIBLE',
  ),
});

const rolesOptions = needsFresh('roles.assign', {
  summary: 'Set the roles of an account',
  description: `They count at its next check and its next request. Nobody gives roles that permit more than their own. ${aboveYou}`,
  params: AccountPath,
  body: RolesBody,
  response: changeAnswers(
    Roles,
    'The roles of the account',
    'RES_NOT_FOUND',
    'RES_ACCOUNT_DELETED',
    'RES_LAST_ADMIN',
    'VAL_UNKNOWN_ROLE',
  ),
});
