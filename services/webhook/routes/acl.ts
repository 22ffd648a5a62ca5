import type { FastifyInstance, FastifyRequest } from 'fastify';
import { checkAcl } from '../../core/check/check-acl.ts';
import { findTokenFault } from '../../core/check/decide-connect.ts';
import { deny } from '../../core/check/reasons.ts';
import { isForm } from '../contract/parse-body.ts';
import { readAclCheck } from '../contract/read-check.ts';
import type { WebhookContext } from '../webhook-context.ts';
import { bearerToken, verifyToken } from './bearer.ts';
import { parsedBody } from './body.ts';
import type { CheckOutcome } from './check-outcome.ts';

/** Answers an ACL check, by its names alone or by the token in place of the username. */
export async function answerAcl(
  app: FastifyInstance,
  context: WebhookContext,
  request: FastifyRequest,
): Promise<CheckOutcome> {
  const body = parsedBody(request);
  if (!body.parsed) return deny(body.reason);
  const bearer = bearerToken(request);
  const read = readAclCheck(body.fields, {
    withToken: bearer !== undefined,
    isForm: isForm(request.headers['content-type']),
  });
  if (!read.granted) return read;

  const { username = '', ...asked } = read.check;
  if (bearer === undefined) return decideTopic(context, { username, ...asked });
  const verified = await verifyToken(app, request, bearer);
  if (!verified.granted) return { ...verified, asked };
  const names = { username: verified.token.username, clientId: asked.clientId };
  const fault = findTokenFault(names, verified.token);
  return fault ? { ...fault, asked: { ...asked, ...names } } : decideTopic(context, { ...asked, ...names });
}

/**
 * Answers an ACL check by its names. A token's own time does not count here: the session's newest access token decides, as
 * it may have been renewed.
 */
export async function decideTopic(
  { store, rules, facts }: WebhookContext,
  check: Parameters<typeof checkAcl>[1],
): Promise<CheckOutcome> {
  const { decision } = await checkAcl({ store, rules, facts }, check);
  return decision.granted ? { granted: true } : { ...deny(decision.reason), asked: check };
}
