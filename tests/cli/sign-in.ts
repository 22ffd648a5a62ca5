import { findAccountByLogin } from '../../services/core/accounts/account.ts';
import { openStore, untilReady, type Store } from '../../services/core/redis/store.ts';
import { createSession } from '../../services/core/sessions/create-session.ts';
import type { LiveSession } from '../../services/core/sessions/session.ts';
import type { Test } from 'tap';

/** Of sessions in tests, in seconds. */
export const lives = {
  accessTtlSeconds: 900,
  renewalIdleSeconds: 3600,
  absoluteSeconds: 7200,
  renewalGraceSeconds: 10,
  sessionsPerAccount: 20,
};

/** A store that is closed when `t` ends. */
export async function openTestStore(t: Test, url: string): Promise<Store> {
  const store = openStore({ url, commandTimeoutMs: 2000 });
  t.teardown(() => store.close());
  await untilReady(store, 5000);
  return store;
}

/** A session of an account, as a sign-in makes it. */
export async function signInAs(store: Store, username: string, userAgent = 'a test'): Promise<LiveSession> {
  const account = await findAccountByLogin(store, username);
  if (!account) throw new Error(`no account ${username}`);
  const { uid, epoch } = account;
  const session = await createSession(store, { uid, epoch, amr: ['pwd'], ip: '192.0.2.7', userAgent }, lives);
  if (!session) throw new Error(`${username} may not sign in`);
  return session;
}
