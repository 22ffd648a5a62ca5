import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { AccountPath, changeAnswers, Deleted, ReasonBody, Restored } from '../../../../contract/admin.ts';
import { Nothing } from '../../../../contract/native.ts';
import { purge, remove, restore } from '../../../use-cases/admin/deleted-accounts.ts';
import { succeed } from '../answers.ts';
import { toTime } from './answers.ts';
import type { AdminOptions } from './dialect.ts';
import { adminOf } from './guard.ts';
import { needs, needsFresh } from './route.ts';

/** Routes that delete accounts, bring them back, or remove them for good. */
export const deletedAccountRoutes: FastifyPluginAsyncTypebox<AdminOptions> = async (app, { context }) => {
  app.delete('/accounts/:uid', removeOptions, async (request) => {
    const act = { uid: request.params.uid, reason: request.body?.reason ?? 'deleted-by-admin' };
    const { changed, sessionsEnded, purgeAtMs } = await remove(context, adminOf(request), act);
    return succeed(request, { changed, ended_sessions: sessionsEnded, purge_at: toTime(purgeAtMs) });
  });

  app.post('/accounts/:uid/restore', restoreOptions, async (request) => {
    const act = { uid: request.params.uid, reason: request.body?.reason ?? 'restored-by-admin' };
    return succeed(request, await restore(context, adminOf(request), act));
  });

  app.post('/accounts/:uid/purge', purgeOptions, async (request) => {
    const act = { uid: request.params.uid, reason: request.body?.reason ?? 'purged-by-admin' };
    await purge(context, adminOf(request), act);
    return succeed(request, {});
  });
};

const aboveYou = 'An account that may do what you may not is out of reach.';

const removeOptions = needsFresh('accounts.delete', {
  summary: 'Delete an account',
  description:
    'Ends all its sessions. It keeps its names, and can be restored, until `purge_at`; then it is removed for good. ' +
    aboveYou,
  params: AccountPath,
  body: ReasonBody,
  response: changeAnswers(Deleted, 'The account is deleted', 'RES_NOT_FOUND', 'RES_LAST_ADMIN'),
});

const restoreOptions = needs('accounts.restore', {
  summary: 'Restore a deleted account',
  description: `It is active or disabled as before, with its password; no ended session comes back. ${aboveYou}`,
  params: AccountPath,
  body: ReasonBody,
  response: changeAnswers(Restored, 'The account is back', 'RES_NOT_FOUND'),
});

const purgeOptions = needsFresh('accounts.purge', {
  summary: 'Remove a deleted account for good, now',
  description: `With all that is kept about the person, but for the audit; its names are free. It can not be undone. ${aboveYou}`,
  params: AccountPath,
  body: ReasonBody,
  response: changeAnswers(Nothing, 'The account is gone', 'RES_NOT_FOUND', 'RES_ACCOUNT_NOT_DELETED'),
});
