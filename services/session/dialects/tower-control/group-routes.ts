import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Groups, Roles, type GroupItem } from '../../../contract/tower-control-people.ts';
import { results } from '../../../contract/tower-control.ts';
import { listGivableRoles, listOwnGroups, type GroupTree } from '../../use-cases/people/own-groups.ts';
import type { DialectOptions } from '../dialect.ts';
import { sessionOf } from './guards.ts';
import { roleNameOf } from './roles.ts';

/** Which roles there are, and which groups the caller has. */
export const groupRoutes: FastifyPluginAsyncTypebox<DialectOptions> = async (app, { context }) => {
  app.get('/roles', rolesOptions, async () => (await listGivableRoles(context)).map(toRole));

  app.get('/groups', groupsOptions, async (request) =>
    (await listOwnGroups(context, sessionOf(request))).map(toGroupItem),
  );
};

function toRole(role: string) {
  const name = roleNameOf(role);
  return { name, description: name.toLowerCase().replaceAll('_', '-'), enDescription: `The role ${role}` };
}

function toGroupItem({ shortId, name, description, isAlertGroup, roles, children }: GroupTree): GroupItem {
  return {
    ...{ shortId, name, description, alertGroup: isAlertGroup },
    roles: roles.map(roleNameOf),
    children: children.map(toGroupItem),
  };
}

const security = [{ accessToken: [] }];

const rolesOptions = {
  config: { guard: 'K' as const },
  schema: {
    summary: 'The roles that accounts can be given',
    tags: ['profile'],
    security,
    response: results({ 200: Roles }),
  },
};

const groupsOptions = {
  config: { guard: 'K' as const },
  schema: {
    summary: 'The groups of the caller, with those below them',
    tags: ['profile'],
    security,
    response: results({ 200: Groups }),
  },
};
