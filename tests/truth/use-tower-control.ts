import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { partsOf } from '../mail/eml.ts';
import { expectStatus, somebody, startService } from '../support/session-service.ts';
import { makeTestFolder, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** Every use of Redis that only the tower-control dialect has: registration by mail, steps one by one, signing out. */
export async function useTowerControl(t: Test, stack: TestStack): Promise<void> {
  const folder = makeTestFolder(t);
  const { ask } = await startService(t, stack, { TERMS_VERSION: '1', MAIL_FOLDER: folder });
  const call = async (
    method: string,
    path: string,
    asked: { token?: string; body?: unknown },
    status = 200,
  ) => expectStatus(await ask(method, `/users/1.0/${path}`, asked), status).body;
  const { email, password } = somebody();
  const signin = () => call('POST', 'session/signin', { body: { email, password } });

  await call('POST', 'registration/register', { body: { email } });
  const validationID = await newestKey(folder);
  const created = { password, validationID, conditionValidation: true };
  await call('POST', 'creation/create', { body: created }, 201);
  const { jwtToken: token } = await signin();
  await call('PUT', 'profile/eula', { token });
  await call('PUT', 'profile/2fa', { token, body: { twoFaType: 'AUTHENTICATOR' } });
  await call('PUT', 'profile/2fa', { token, body: { twoFaType: 'NONE' } });
  const { jwtToken: renewed } = await call('GET', 'session/upgrade', { token });
  await call('GET', 'session/signout', { token: renewed });
}

/** The key in the first link of a folder. */
async function newestKey(folder: string): Promise<string> {
  const files = () => readdirSync(folder).filter((name) => name.endsWith('.eml'));
  await until(() => files().length > 0, { what: 'a mail in the folder' });
  const raw = readFileSync(join(folder, files()[0] ?? ''), 'utf8');
  return /verificationKey=([0-9a-f]+)/.exec(partsOf(raw)[0]?.text ?? '')?.[1] ?? '';
}
