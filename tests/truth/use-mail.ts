import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { createInvitation, listInvitations } from '../../services/core/accounts/invitations.ts';
import { openStore, untilReady } from '../../services/core/redis/store.ts';
import { partsOf } from '../mail/eml.ts';
import { expectStatus, somebody, startService } from '../support/session-service.ts';
import { makeTestFolder, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** Every use of Redis that verified addresses, resets, terms and invitations have. */
export async function useMail(t: Test, stack: TestStack): Promise<void> {
  const folder = makeTestFolder(t);
  const settings = { EMAIL_VERIFICATION: 'required', TERMS_VERSION: '1', MAIL_FOLDER: folder };
  const { ask, register } = await startService(t, stack, settings);
  const post = async (path: string, body: object) =>
    expectStatus(await ask('POST', `/api/auth/${path}`, { body }), 200).body.data;
  const person = await register();
  const { username, email, password } = person;

  const { temp_token: tempToken } = await post('login', { username, password });
  await newestToken(folder, 1);
  await post('resend-verification', { temp_token: tempToken });
  await post('verify-email', { token: await newestToken(folder, 2) });
  const { temp_token: nextToken } = await post('login', { username, password });
  await post('accept-terms', { temp_token: nextToken, version: '1' });
  await post('forgot-password', { email });
  await post('reset-password', { token: await newestToken(folder, 3), new_password: `${password}!` });
  await useInvitation(t, stack, register);
}

async function useInvitation(
  t: Test,
  stack: TestStack,
  register: (person: object) => Promise<unknown>,
): Promise<void> {
  const store = openStore({ url: stack.redisUrl('session'), commandTimeoutMs: 2000 });
  await untilReady(store, 5000);
  t.teardown(() => store.close());
  const offer = { email: '', roles: ['user'], language: 'en', validForSeconds: 60, actor: 'test' };
  const { token } = await createInvitation(store, offer);
  await listInvitations(store);
  await register({ ...somebody(), invitation: token });
}

/** The token in the newest of `count` mails in a folder. */
async function newestToken(folder: string, count: number): Promise<string> {
  const files = () => readdirSync(folder).filter((name) => name.endsWith('.eml'));
  await until(() => files().length >= count, { what: `${count} mails in the folder` });
  const raw = readFileSync(join(folder, files().sort().at(-1) ?? ''), 'utf8');
  return /#token=([^\s"<]+)/.exec(partsOf(raw)[0]?.text ?? '')?.[1] ?? '';
}
