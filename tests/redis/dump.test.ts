import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createInvitation } from '../../services/core/accounts/invitations.ts';
import { addDevice } from '../support/devices.ts';
import { startMailStage } from '../support/mail-service.ts';
import { newClient } from '../support/oauth-client.ts';
import { secondFactorHands } from '../support/second-factor.ts';
import { usedSecrets } from '../support/secret-watch.ts';

const stage = await startMailStage(t, { EMAIL_SECOND_FACTOR: 'on' });
const { ask, register, signIn, renew, store, mailsTo, newestToken } = stage;
const { enrol, tempTokenOf, verify } = secondFactorHands(stage);

/** Everything that Redis has on its disk, as it is there. */
const onDisk = () => {
  const folder = stage.stack.runDir.redis;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  return new Map(files.map((name) => [name, readFileSync(join(folder, name), 'latin1')]));
};

t.test('a dump of Redis and its log hold nothing that opens anything', async (t) => {
  const person = await register();
  const first = await signIn(person);
  await renew(first.refresh_token);
  const enrolled = await enrol();
  const tempToken = await tempTokenOf(enrolled.person);
  await verify(tempToken, enrolled.backupCodes[0] ?? '');
  const waiting = await tempTokenOf(enrolled.person);
  await ask('POST', '/api/auth/2fa/email', { body: { temp_token: waiting } });
  const [letter] = await mailsTo(enrolled.person.email, 2);
  await ask('POST', '/api/auth/forgot-password', { body: { email: person.email } });
  const resetToken = await newestToken(person.email);
  const offer = { email: '', roles: ['user'], language: 'en', validForSeconds: 60, actor: 'test' };
  const { token: invitation } = await createInvitation(store, offer);
  const client = await newClient(store);
  const lamp = await addDevice(store);
  const mailed = (await mailsTo(enrolled.person.email)).map(({ text }) => /^\s*(\d{6})\s*$/m.exec(text)?.[1]);
  const secrets: [string, string][] = [
    [resetToken, 'reset token'],
    [invitation, 'invitation'],
    [client.secret, 'secret of an OAuth client'],
    [lamp.key, 'device key'],
    [mailed.find((code) => code !== undefined) ?? '', 'mailed code'],
    [enrolled.secret, 'TOTP secret'],
    ...enrolled.backupCodes.map((code): [string, string] => [code, 'backup code']),
  ];
  for (const [secret, what] of secrets) {
    t.ok(secret.length >= 6, what);
    usedSecrets.note(secret, what);
  }
  t.ok(letter, 'mail arrived');

  await store.redis.config('SET', 'rdbcompression', 'no');
  await store.redis.save();

  const files = onDisk();
  const dump = [...files].find(([name]) => name.endsWith('dump.rdb'))?.[1] ?? '';
  const log = [...files].find(([name]) => name.endsWith('.incr.aof'))?.[1] ?? '';
  for (const [what, text] of Object.entries({ dump, log })) {
    t.match(text, person.username, `the ${what} is there, and readable`);
    t.match(text, lamp.id, `the ${what} is whole`);
  }
  for (const [name, text] of files) t.same(usedSecrets.find(text), [], name);
});
