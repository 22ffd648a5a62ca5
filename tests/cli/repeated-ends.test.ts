import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { createDevice } from '../../services/core/devices/change-device.ts';
import { createGroup } from '../../services/core/groups/groups.ts';
import { createClient } from '../../services/core/oauth/clients.ts';
import { credentialKey } from '../../services/core/redis/keys.ts';
import { makeTestFolder, startTestStack } from '../support/stack.ts';
import { cliFor } from './run-cli.ts';
import { openTestStore, signInAs } from './sign-in.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const cli = cliFor(stack.runDir.path);
const store = await openTestStore(t, stack.redisAdminUrl);
const rulesFile = join(makeTestFolder(t), 'rules.yaml');

const account = { username: 'ann', roles: ['user'], passwordHash: 'none', actor: 'test' };
const created = await createAccount(store, account);
if (created.outcome !== 'created') throw new Error(created.outcome);
const { sid } = await signInAs(store, 'ann');
await store.redis.hset(credentialKey(created.uid), { secondFactor: 'totp', totpSecret: 'x' });
await createDevice(store, { id: 'lamp', label: '', owner: '', roles: ['device'], actor: 'test' });
await createClient(store, { id: 'shop', label: '', permissions: ['revoke'], actor: 'test' });
await createGroup(store, { shortId: 'one', name: 'One', description: '', isAlertGroup: false, parent: '' });
writeFileSync(rulesFile, "roles: { user: { rules: [] }, admin: { permissions: ['*'] } }\n");

/** What ends something, and what a repeat that is confirmed tells. */
const ends: [args: string[], code: number, told: RegExp][] = [
  [['account', 'remove-second-factor', 'ann', '--yes'], 0, /has no second factor/],
  [['session', 'revoke', sid, '--yes'], 0, /had already ended/],
  [['device', 'delete', 'lamp', '--yes'], 1, /there is no device lamp/],
  [['oauth-client', 'delete', 'shop', '--yes'], 1, /there is no client shop/],
  [['group', 'delete', 'one'], 1, /there is no such group/],
  [['rules', 'apply', rulesFile, '--yes'], 0, /Nothing to change/],
  [['account', 'disable', 'ann', '--yes'], 0, /already disabled/],
  [['account', 'delete', 'ann', '--yes'], 0, /already deleted/],
];

t.test('a command that finds nothing left to end says so once that is confirmed', async (t) => {
  const strict = { environment: { REDIS_REPLICAS_REQUIRED: '1' } };
  for (const [args, code, told] of ends) {
    for (const time of ['first', 'repeat']) {
      const { stderr, ...result } = await cli(args, strict);
      t.match(result, { code: 3, stdout: '' }, `${args}, ${time}: ${stderr}`);
    }
    const { stdout, stderr, ...result } = await cli(args);
    t.equal(result.code, code, `${args}`);
    t.match(stdout + stderr, told);
  }
});

t.test('a dry run needs no confirmation', async (t) => {
  const environment = { REDIS_REPLICAS_REQUIRED: '1' };
  t.match(await cli(['rules', 'apply', rulesFile, '--dry-run'], { environment }), { code: 0 });
});
