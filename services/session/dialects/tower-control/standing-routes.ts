import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Standing, StandingBody, StandingQuery } from '../../../contract/tower-control-people.ts';
import { done as doneShape, results } from '../../../contract/tower-control.ts';
import { callerOf } from '../../session-context.ts';
import { withGroupsBelow } from '../../use-cases/people/own-groups.ts';
import type { StandingFault } from '../../use-cases/people/standing-faults.ts';
import { changeStanding, findStanding } from '../../use-cases/people/standing.ts';
import type { DialectOptions } from '../dialect.ts';
import { loginInvalid, readRoleNames, targetOf, toAcls, who } from './accounts.ts';
import { actionResult, done, type Refusal } from './answers.ts';
import { sessionOf } from './guards.ts';
import { userRolesOf } from './roles.ts';

/** Roles, groups and ACLs of an account. */
export const standingRoutes: FastifyPluginAsyncTypebox<DialectOptions> = async (app, { context }) => {
  app.post('/profile', readOptions, async (request) => {
    const standing = await findStanding(context, sessionOf(request), targetOf(request));
    const { login, ...asked } = request.body;
    const {
      considerRoles = false,
      considerGroups = false,
      considerSubs = false,
      considerACLs = false,
    } = asked;
    const groups = considerSubs ? await withGroupsBelow(context, standing.groups) : standing.groups;
    return {
      ...{ login: login ?? '', considerRoles, considerGroups, considerSubs, considerACLs },
      roles: considerRoles ? userRolesOf(standing.roles) : [],
      groups: considerGroups ? groups : [],
      acls: considerACLs ? toAcls(standing.acls) : [],
    };
  });

  app.put('/profile', changeOptions, async (request, reply) => {
    const uid = targetOf(request);
    const { considerRoles, considerGroups, considerACLs, roles = [], groups = [], acls = [] } = request.body;
    const toCore = await readRoleNames(context);
    const wish = {
      uid,
      ...(considerRoles && { roles: roles.map(toCore) }),
      ...(considerGroups && { groups }),
      ...(considerACLs && { acls: acls.map((acl) => ({ ...acl, roles: acl.roles.map(toCore) })) }),
    };
    const fault = await changeStanding(context, sessionOf(request), wish, callerOf(request));
    if (fault === undefined) return done('user-profile-updated');
    const [status, message] = refusalOf[fault];
    return reply.status(status).send(actionResult(status, message));
  });
};

const refusalOf: Record<StandingFault, readonly [400 | 403, string]> = {
  'role-self-change': [400, 'user-profile-role-self-change-not-allowed'],
  'role-change-not-authorized': [403, 'user-profile-role-change-not-authorized'],
  'role-not-found': [400, 'user-profile-role-not-found'],
  'role-not-assignable': [400, 'user-profile-role-not-assignable'],
  'role-not-owned': [403, 'user-profile-role-change-not-owned'],
  'group-not-found': [400, 'user-profile-group-not-found'],
  'group-not-owned': [403, 'user-profile-group-change-not-owned'],
  'acl-not-owned': [403, 'user-profile-acl-change-not-owned'],
  'acl-already-member': [400, 'user-profile-acl-change-already-member'],
};

const tags = ['profile'];
const security = [{ accessToken: [] }];
const notAuthorized: Refusal = refusalOf['role-change-not-authorized'];

const readOptions = {
  config: { guard: 'K' as const, refusals: { ...who(403), VAL: loginInvalid } },
  schema: {
    summary: 'Roles, groups and ACLs of an account',
    ...{ tags, security },
    body: StandingQuery,
    response: results({ 200: Standing }),
  },
};

const changeOptions = {
  config: {
    guard: 'K' as const,
    refusals: {
      ...who(403),
      RES_LAST_ADMIN: notAuthorized,
      VAL_UNKNOWN_ROLE: refusalOf['role-not-found'],
      VAL: loginInvalid,
    },
  },
  schema: {
    summary: 'Change roles, groups and ACLs of an account',
    description: 'All or nothing. A change of roles needs a sign-in of the last minutes.',
    ...{ tags, security },
    body: StandingBody,
    response: results({ 200: doneShape('user-profile-updated') }),
  },
};
