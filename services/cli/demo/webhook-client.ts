import type { Access } from '../../core/acl/rules.ts';
import type { RunningStack } from './running-stack.ts';
import type { SignedIn } from './session-client.ts';
import { within } from './story.ts';

const timeoutMs = 10_000;
const accessNumbers: Record<Access, number> = { read: 1, write: 2, subscribe: 4 };

/** Asks the webhook as the broker does; throws unless the answer is `expected`, such as `403 session-revoked`. */
export async function askWebhook(
  { urls, brokerKey }: RunningStack,
  check: { access: Access; topic: string; session: SignedIn },
  expected: string,
): Promise<void> {
  const { client_id: clientid, username } = check.session.mqtt;
  const asked = fetch(`${urls.webhook}/acl`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-bednet-key': brokerKey },
    body: JSON.stringify({ acc: accessNumbers[check.access], clientid, topic: check.topic, username }),
  });
  const response = await within(timeoutMs, 'POST /acl', asked);
  const { Error: reason = '' } = (await response.json()) as { Error?: string };
  const answer = `${response.status} ${reason}`.trim();
  if (answer !== expected) throw new Error(`the webhook answers ${answer}, not ${expected}`);
}
