import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { done as doneShape, results } from '../../../contract/tower-control.ts';
import { callerOf } from '../../session-context.ts';
import { signOutEverywhere } from '../../use-cases/sign-out-everywhere.ts';
import { abandonSignIn } from '../../use-cases/stepwise-sign-in.ts';
import type { DialectOptions } from '../dialect.ts';
import { done } from './answers.ts';
import { holderOf } from './guards.ts';

/** Signing out: everywhere, or of a sign-in under way, whose holder may lack the second factor, of that alone. */
export const signOutRoute: FastifyPluginAsyncTypebox<DialectOptions> = async (app, { context }) => {
  app.get('/session/signout', { schema, config: { guard: 'R' }, exposeHeadRoute: false }, async (request) => {
    const holder = holderOf(request);
    if (holder.kind === 'pending') await abandonSignIn(context, holder.pending.pending, callerOf(request));
    if (holder.kind === 'session') await signOutEverywhere(context, holder.session, callerOf(request));
    return done('user-signed-out');
  });
};

const schema = {
  summary: 'Sign out everywhere',
  description: 'Ends every session of the account, but no API key.',
  tags: ['session'],
  security: [{ accessToken: [] }],
  response: results({ 200: doneShape('user-signed-out') }),
};
