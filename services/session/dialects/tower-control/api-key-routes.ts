import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { ApiKeyBody, ApiKeyPath, ApiKeys } from '../../../contract/tower-control-admin.ts';
import { done as doneShape, results } from '../../../contract/tower-control.ts';
import type { LiveSession } from '../../../core/sessions/session.ts';
import { callerOf } from '../../session-context.ts';
import {
  endApiKey,
  listOwnApiKeys,
  makeApiKey,
  tokenOfApiKey,
  type ApiKeyRefusal,
} from '../../use-cases/people/api-keys.ts';
import type { DialectOptions } from '../dialect.ts';
import { readRoleNames, toAcls, who } from './accounts.ts';
import { actionResult, done, userNotFound } from './answers.ts';
import { sessionOf } from './guards.ts';
import { roleNameOf, sessionRolesOf } from './roles.ts';

/** The caller's API keys. */
export const apiKeyRoutes: FastifyPluginAsyncTypebox<DialectOptions> = async (app, { context }) => {
  app.put('/apikey', makeOptions, async (request, reply) => {
    const { keyName: name, expiration = 0, roles, acls = [] } = request.body;
    const toCore = await readRoleNames(context);
    const noRole = (role: string) => toCore(role) ?? '';
    const wish = {
      ...{ name, roles: [...new Set(roles.map(noRole))] },
      acls: acls.map((acl) => ({ ...acl, roles: acl.roles.map(noRole) })),
      ...(expiration > 0 && { untilMs: expiration }),
    };
    const refusal = await makeApiKey(context, sessionOf(request), wish, callerOf(request));
    if (refusal) return reply.status(400).send(actionResult(400, messageOf[refusal]));
    return reply.status(201).send(actionResult(201, 'user-apikey-created'));
  });

  app.get('/apikey', listOptions, async (request) => {
    const keys = await listOwnApiKeys(context, sessionOf(request));
    return keys.map(({ id, name: keyName, untilMs: expiration, roles, acls }) => ({
      ...{ id, keyName, expiration, roles: roles.map(roleNameOf), acls: toAcls(acls) },
    }));
  });

  app.delete('/apikey/:id', endOptions, async (request) => {
    await endApiKey(context, sessionOf(request), request.params.id, callerOf(request));
    return done('user-apikey-delete-success');
  });

  app.get('/apikey/:id/jwt', tokenOptions, async (request, reply) => {
    const { id } = request.params;
    const describe = (key: LiveSession) => ({ roles: sessionRolesOf({ ...key, apiKey: id }) });
    const token = await tokenOfApiKey(context, sessionOf(request), { id, describe }, callerOf(request));
    reply.header('cache-control', 'no-store');
    if (token !== undefined) return done(token);
    return reply.status(400).send(actionResult(400, 'user-apikey-expired'));
  });
};

const messageOf: Record<ApiKeyRefusal, string> = {
  'unauthorized-role': 'user-profile-unauthorize-role',
  over: 'user-apikey-expired',
  full: 'user-apikey-too-many',
};

const described = { tags: ['apikey'], security: [{ accessToken: [] }] };
const notFound = { RES_NOT_FOUND: [400, 'user-apikey-not-found'] as const };

const makeOptions = {
  config: { guard: 'C' as const, refusals: { RES_NOT_FOUND: [400, userNotFound] as const } },
  schema: {
    summary: 'Make an API key with some of the caller’s roles',
    description: 'Needs ROLE_USER_APIKEY and a sign-in of the last minutes.',
    ...described,
    body: ApiKeyBody,
    response: results({ 201: doneShape('user-apikey-created') }),
  },
};

const listOptions = {
  config: { guard: 'C' as const, refusals: who(403) },
  schema: { summary: 'The caller’s API keys', ...described, response: results({ 200: ApiKeys }) },
};

/** The router takes no part of an address that is longer than 100 characters. */
const noSuchKey = doneShape('The id is too long to be one');

const endOptions = {
  config: { guard: 'C' as const, refusals: { ...who(403), ...notFound } },
  schema: {
    summary: 'End an API key',
    description: 'Its next check is denied.',
    ...described,
    params: ApiKeyPath,
    response: results({ 200: doneShape('user-apikey-delete-success'), 404: noSuchKey }),
  },
};

const tokenOptions = {
  config: { guard: 'C' as const, refusals: { ...who(403), ...notFound } },
  schema: {
    summary: 'A token for an API key: the message of the answer',
    description: 'Needs a sign-in of the last minutes.',
    ...described,
    params: ApiKeyPath,
    response: results({ 200: doneShape('The token'), 404: noSuchKey }),
  },
};
