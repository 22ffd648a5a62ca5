import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  changeAnswers,
  InvitationList,
  InvitationPath,
  Invited,
  NewInvitationBody,
  readAnswers,
} from '../../../../contract/admin.ts';
import { Nothing, success } from '../../../../contract/native.ts';
import { listInvitations, type Invitation } from '../../../../core/accounts/invitations.ts';
import { inviteSomebody, revokeInvitation } from '../../../use-cases/admin/invitations.ts';
import { succeed } from '../answers.ts';
import type { AdminOptions } from './dialect.ts';
import { adminOf } from './guard.ts';
import { needs } from './route.ts';

const sevenDaysSeconds = 604_800;

/** Routes about invitations, by which people make their own accounts. */
export const invitationRoutes: FastifyPluginAsyncTypebox<AdminOptions> = async (app, { context }) => {
  app.get('/invitations', listOptions, async (request) => {
    const invitations = await listInvitations(context.store);
    return succeed(request, { invitations: invitations.map(toInvitationItem) });
  });

  app.post('/invitations', inviteOptions, async (request, reply) => {
    const { email = '', roles = ['user'], language = 'en', valid_for_seconds } = request.body;
    const validForSeconds = valid_for_seconds ?? sevenDaysSeconds;
    const wish = { email, roles, language, validForSeconds };
    const { invitation, token } = await inviteSomebody(context, adminOf(request), wish);
    const answer = { invitation: toInvitationItem(invitation), ...(token !== undefined && { token }) };
    return reply.status(201).send(succeed(request, answer));
  });

  app.delete('/invitations/:id', revokeOptions, async (request) => {
    await revokeInvitation(context, adminOf(request), request.params.id);
    return succeed(request, {});
  });
};

function toInvitationItem({ id, email, roles, language, actor, untilMs }: Invitation) {
  return { id, email, roles: [...roles], language, actor, valid_until: new Date(untilMs).toISOString() };
}

const listOptions = needs('invitations.read', {
  summary: 'Invitations that nobody has used yet',
  response: readAnswers(InvitationList, 'The open invitations, the one that ends first first'),
});

const { 200: _, ...inviteFailures } = changeAnswers(Nothing, '', 'VAL_UNKNOWN_ROLE', 'RES_MAIL_IMPOSSIBLE');

const inviteOptions = needs('invitations.write', {
  summary: 'Invite somebody to make an account',
  description:
    'With an address the token is mailed there and told to nobody else; without one it is in the answer, this once. ' +
    'Nobody gives roles that permit more than their own.',
  body: NewInvitationBody,
  response: { 201: success(Invited, 'The invitation'), ...inviteFailures },
});

const revokeOptions = needs('invitations.write', {
  summary: 'Take an invitation back',
  params: InvitationPath,
  response: changeAnswers(Nothing, 'The invitation is void', 'RES_NOT_FOUND'),
});
