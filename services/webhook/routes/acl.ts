import { checkAcl } from '../../core/check/check-acl.ts';
import type { AclCheck } from '../../core/check/decide-acl-check.ts';
import { findTokenFault } from '../../core/check/decide-connect.ts';
import { deny } from '../../core/check/reasons.ts';
import { whenKnown } from '../../core/check/when-known.ts';
import { isForm } from '../contract/parse-body.ts';
import { readAclCheck } from '../contract/read-check.ts';
import type { Offer } from '../decision-cache/offer.ts';
import type { WebhookContext } from '../webhook-context.ts';
import { bearerToken, type TokenVerifier } from './bearer.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { parsedBody, type CheckRequest } from './check-request.ts';

/** Answers an ACL check, by its names alone or by the token in place of the username. */
export function checkAclOf(
  context: WebhookContext,
  request: CheckRequest,
  verify: TokenVerifier,
): CheckOutcome | Promise<CheckOutcome> {
  const body = parsedBody(request);
  if (!body.parsed) return deny(body.reason);
  const bearer = bearerToken(request);
  const read = readAclCheck(body.fields, {
    withToken: bearer !== undefined,
    isForm: isForm(request.headers['content-type']),
  });
  if (!read.granted) return read;

  const { username = '', clientId, topic, access } = read.check;
  if (bearer === undefined) return decideTopic(context, { username, clientId, topic, access }, context.offer);
  return checkByToken(context, verify, { bearer, asked: { clientId, topic, access } });
}

async function checkByToken(
  context: WebhookContext,
  verify: TokenVerifier,
  { bearer, asked }: { bearer: string; asked: Omit<AclCheck, 'username'> },
): Promise<CheckOutcome> {
  const verified = await verify(bearer);
  if (!verified.granted) return { ...verified, asked };
  const names = { username: verified.token.username, clientId: asked.clientId };
  const fault = findTokenFault(names, verified.token);
  return fault ? { ...fault, asked: { ...asked, ...names } } : decideTopic(context, { ...asked, ...names });
}

/**
 * Answers an ACL check by its names. A token's own time does not count here: the session's newest access token decides, as
 * it may have been renewed. With `offer` a grant may be one for the broker to remember; not where a token is asked about,
 * which has to be verified each time. With all in memory it answers at once, without a promise.
 */
export function decideTopic(
  context: WebhookContext,
  check: AclCheck,
  offer?: Offer,
): CheckOutcome | Promise<CheckOutcome> {
  return whenKnown(checkAcl(context, check), (result) => {
    const { decision } = result;
    if (!decision.granted) return { ...deny(decision.reason), asked: check };
    return { granted: true, cacheHeader: offer?.(check.clientId, result) };
  });
}
