import type { Test } from 'tap';
import { newUid } from '../../services/core/ids.ts';
import { untilAuditWritten, appendAudit, type AuditFact } from '../../services/core/audit/append.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { openStore, untilReady, type Store } from '../../services/core/redis/store.ts';

/** All that recording and reading facts needs: a user with these rights is what the tests run it as. */
const rights =
  '~bn:{?}:activity:* ~bn:{audit}:log -@all +info +time +eval +evalsha +xadd +xrange +xrevrange +lpush +ltrim +lrange +expire';

/** Redis for `t`, and its address for a user that may record and read facts. */
export async function startAuditStack(t: Test): Promise<{ stack: TestStack; url: string }> {
  const user = `user audit on >only-in-tests ${rights}`;
  const stack = await startTestStack(t, { parts: ['redis'], extraRedisUsers: [user] });
  return { stack, url: `redis://audit:only-in-tests@127.0.0.1:${stack.ports.redis}` };
}

/** A store that is closed when `t` ends. What Redis answers too late is written again, so by default it may take its time. */
export async function openAuditStore(t: Test, url: string, commandTimeoutMs = 10_000): Promise<Store> {
  const store = openStore({ url, commandTimeoutMs });
  t.teardown(() => store.close());
  await untilReady(store, 30_000);
  return store;
}

/** Records facts in their order and waits until they are written. */
export async function record(store: Store, ...facts: AuditFact[]): Promise<void> {
  for (const fact of facts) appendAudit(store, fact);
  if (!(await untilAuditWritten(store, 30_000))) throw new Error('the facts were not written in time');
}

/** A sign-in of a new account, or of `uid`. */
export function signInFact(uid = newUid(), changes: Partial<AuditFact> = {}): AuditFact & { uid: string } {
  return { event: 'sign-in', actor: uid, sid: newUid(), ip: '192.0.2.7', ...changes, uid };
}
