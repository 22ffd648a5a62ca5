import { randomBytes } from 'node:crypto';
import type { SigningKey } from '../../core/tokens/jwk.ts';
import { fault, ok, warn, type Finding } from './finding.ts';
import { describe, get, readNumbers } from './http.ts';
import type { Numbers } from './metrics-text.ts';

/** Whether a service answers and reaches Redis. */
export async function checkHealth(service: 'session' | 'webhook', url: string): Promise<Finding> {
  const check = `${service}-health`;
  const answer = await get(`${url}/health`);
  if (answer.status === 200) return ok(check, `The ${service} service is healthy at ${url}.`);
  const change = `make status and make logs; ${service.toUpperCase()}_PORT says where doctor looks for it.`;
  return fault(check, `GET ${url}/health of the ${service} service: ${describe(answer)}.`, change);
}

/** Whether the key that should sign is the one that the session service publishes. Nothing if it doesn't answer. */
export async function checkPublishedKeys(
  sessionUrl: string,
  signingKey: Pick<SigningKey, 'kid' | 'publicJwk'> | undefined,
): Promise<Finding[]> {
  const check = 'session-keys';
  const answer = await get(`${sessionUrl}/.well-known/jwks.json`);
  if (answer.status === undefined) return [];
  const kids = answer.status === 200 ? kidsOf(answer.text) : [];
  if (answer.status === 200 && signingKey && !signingKey.publicJwk)
    return [ok(check, 'The signing key is a secret (HS256), so it is not published.')];
  if (kids.length === 0) {
    const found = `GET /.well-known/jwks.json of the session service: ${answer.status}, and no key in it.`;
    return [fault(check, found, 'Is another program at that port? SESSION_PORT says where doctor looks.')];
  }
  if (signingKey === undefined) return [ok(check, `The session service publishes ${kids.length} key(s).`)];
  if (kids.includes(signingKey.kid)) return [ok(check, 'The signing key is among the published keys.')];
  const found = `The first key of signing-keys.json (${signingKey.kid}) is not among the published ones.`;
  return [fault(check, found, 'Start the session service anew, or set RUN_DIR to its folder.')];
}

/** Whether the webhook service keeps out who has no broker key, or a wrong one. Nothing if it doesn't answer. */
export async function checkKeyIsAsked(webhookUrl: string): Promise<Finding[]> {
  const wrongKey = randomBytes(32).toString('base64url');
  const answers = [
    await get(`${webhookUrl}/user`, { method: 'POST' }),
    await get(`${webhookUrl}/user`, { method: 'POST', headers: { 'x-bednet-key': wrongKey } }),
  ];
  if (answers.some(({ status }) => status === undefined)) return [];
  const check = 'webhook-key';
  if (answers.every(({ status }) => status === 401))
    return [ok(check, 'The webhook service refuses requests without the broker key, or with a wrong one.')];
  return [
    fault(
      check,
      `The webhook service answers ${answers.map(describe).join(' and ')}, not 401, to a missing and to a wrong broker key.`,
      'Is another program, or a proxy that adds the key, at that port? WEBHOOK_PORT says where doctor looks.',
    ),
  ];
}

/** Whether the webhook service takes the tokens that the session service issues. */
export async function checkTokensAgree(sessionUrl: string, webhookUrl: string): Promise<Finding[]> {
  const [session, webhook] = await Promise.all([readNumbers(sessionUrl), readNumbers(webhookUrl)]);
  if (session === undefined || webhook === undefined) return [];
  return [checkParty(session, webhook), checkKeysAgree(session, webhook)];
}

/** Says that the numbers of the webhook service can't be read, if it answers: then brokers can't be judged. */
export async function checkNumbersAreOpen(webhookUrl: string): Promise<Finding[]> {
  const answer = await get(`${webhookUrl}/metrics`);
  if (answer.status === undefined || answer.status === 200) return [];
  const found = `GET ${webhookUrl}/metrics: ${answer.status}, so nothing is known of what brokers ask.`;
  const change = 'Run doctor on the machine of the webhook service, or set its METRICS_ACCESS to everyone.';
  return [warn('webhook-metrics', found, change)];
}

function checkParty(session: Numbers, webhook: Numbers): Finding {
  const check = 'issuer';
  const [issued, taken] = [session, webhook].map((numbers) =>
    ['issuer', 'audience'].map((label) => numbers.labelsOf('bednet_token_party_info', label)[0]).join(', '),
  );
  if (issued === taken) return ok(check, `Both services have the same issuer and audience (${issued}).`);
  const found = `Tokens are issued as ${issued}; the webhook service takes ${taken}: no client can connect.`;
  return fault(check, found, 'Set ISSUER and AUDIENCE of both services to the same values.');
}

function checkKeysAgree(session: Numbers, webhook: Numbers): Finding {
  const check = 'verification-keys';
  const known = webhook.labelsOf('bednet_token_key_info', 'kid');
  const unknown = session.labelsOf('bednet_token_key_info', 'kid').filter((kid) => !known.includes(kid));
  if (unknown.length === 0) return ok(check, 'The webhook service knows the keys of the session service.');
  const found = `The webhook service does not know ${unknown.join(', ')}, with which tokens may be signed.`;
  const change = 'Put the public keys into VERIFICATION_KEYS_FILE (make up does) and start it anew.';
  return fault(check, found, change);
}

function kidsOf(text: string): string[] {
  try {
    const { keys } = JSON.parse(text) as { keys: { kid: string }[] };
    return keys.map(({ kid }) => kid);
  } catch {
    return []; // Some other page.
  }
}
