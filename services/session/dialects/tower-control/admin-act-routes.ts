import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { LoginBody, StateBody } from '../../../contract/tower-control-admin.ts';
import { done as doneShape, results } from '../../../contract/tower-control.ts';
import { callerOf } from '../../session-context.ts';
import { disable, enable } from '../../use-cases/admin/change-account.ts';
import { purge, remove, restore } from '../../use-cases/admin/deleted-accounts.ts';
import { removeFactor, unlock } from '../../use-cases/admin/help-account.ts';
import { lock } from '../../use-cases/people/lock.ts';
import { asAdmin, reachAccount } from '../../use-cases/people/reach.ts';
import { requireFresh } from '../../use-cases/require-fresh.ts';
import type { DialectOptions } from '../dialect.ts';
import { loginInvalid, targetOf, who } from './accounts.ts';
import { actionResult, done, type Refusal, type Refusals } from './answers.ts';
import { sessionOf } from './guards.ts';

const deleteDone = 'user-profile-delete-done';

/** What administrators do to accounts. What can do harm needs a fresh sign-in, as in the admin API. */
export const adminActRoutes: FastifyPluginAsyncTypebox<DialectOptions> = async (app, { context }) => {
  app.put('/admin/active', activeOptions, async (request) => {
    const { admin, uid } = await reach(request, { isHarmful: !request.body.state });
    if (request.body.state) await enable(context, admin, { uid, reason: 'enabled-by-admin' });
    else await disable(context, admin, { uid, reason: 'disabled-by-admin' });
    return done('user-profile-activation-done');
  });

  app.put('/admin/lock', lockOptions, async (request) => {
    const { admin, uid } = await reach(request, { isHarmful: request.body.state });
    if (request.body.state) await lock(context, admin, { uid, reason: 'locked-by-admin' });
    else await unlock(context, admin, uid);
    return done('user-profile-lock-state-done');
  });

  app.put('/admin/2fa/disable', factorOptions, async (request, reply) => {
    targetOf(request);
    if (request.body.state) {
      return reply.status(400).send(actionResult(400, 'user-profile-2fa-enable-not-allowed'));
    }
    const { admin, uid } = await reach(request, { isHarmful: true });
    const isRemoved = await removeFactor(context, admin, uid);
    if (isRemoved) return done('user-two-fa-deactivated');
    return reply.status(400).send(actionResult(400, 'user-profile-2fa-not-enabled'));
  });

  app.put('/admin/restore', restoreOptions, async (request, reply) => {
    const { admin, uid } = await reach(request, { isHarmful: false });
    const { changed } = await restore(context, admin, { uid, reason: 'restored-by-admin' });
    if (changed) return done(deleteDone);
    return reply.status(400).send(actionResult(400, 'user-profile-not-to-restore'));
  });

  app.delete('/admin/delete', deleteOptions, async (request) => {
    const { admin, uid } = await reach(request, { isHarmful: true });
    await remove(context, admin, { uid, reason: 'deleted-by-admin' });
    return done(deleteDone);
  });

  app.delete('/admin/purge', purgeOptions, async (request) => {
    const { admin, uid } = await reach(request, { isHarmful: true });
    await purge(context, admin, { uid, reason: 'purged-by-admin' });
    return done(deleteDone);
  });

  async function reach(request: FastifyRequest, { isHarmful }: { isHarmful: boolean }) {
    const session = sessionOf(request);
    const { uid } = await reachAccount(context, session, targetOf(request));
    if (isHarmful) requireFresh(context, session);
    return { uid, admin: await asAdmin(context, session, callerOf(request)) };
  }
};

const deleteFailed: Refusal = [400, 'user-profile-delete-failed'];
const common = { ...who(403), VAL: loginInvalid };

const activeOptions = act('Let an account sign in, or end its sessions and don’t', {
  body: StateBody,
  message: 'user-profile-activation-done',
});
const lockOptions = act('Lock an account and end its sessions, or unlock it', {
  body: StateBody,
  message: 'user-profile-lock-state-done',
});
const factorOptions = act('Remove the second factor of an account', {
  body: StateBody,
  message: 'user-two-fa-deactivated',
});
const restoreOptions = act(
  'Restore a deleted account',
  { body: LoginBody, message: deleteDone },
  { RES_NOT_FOUND: who(400).RES_NOT_FOUND as Refusal, VAL: who(400).RES_NOT_FOUND as Refusal },
);
const deleteOptions = act(
  'Delete an account',
  { body: LoginBody, message: deleteDone },
  {
    VAL: deleteFailed,
    RES_NOT_FOUND: deleteFailed,
    RES_LAST_ADMIN: deleteFailed,
    AUTH_INSUFFICIENT_PERMISSIONS: deleteFailed,
  },
);
const purgeOptions = act(
  'Remove a deleted account for good',
  { body: LoginBody, message: deleteDone },
  { RES_ACCOUNT_NOT_DELETED: who(403).RES_NOT_FOUND as Refusal },
);

function act<Body extends typeof LoginBody | typeof StateBody>(
  summary: string,
  { body, message }: { body: Body; message: string },
  refusals: Refusals = {},
) {
  return {
    config: { guard: 'A' as const, refusals: { ...common, ...refusals } },
    schema: {
      summary,
      ...{ tags: ['admin'], security: [{ accessToken: [] }], body },
      response: results({ 200: doneShape(message) }),
    },
  };
}
