import t from 'tap';
import { parseDeviceId, parseOverlap } from '../../services/cli/arguments.ts';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { disableAccount } from '../../services/core/accounts/change-account-state.ts';
import { createDevice } from '../../services/core/devices/change-device.ts';
import { hashDeviceKey } from '../../services/core/devices/device-key.ts';
import { deviceClientsKey, deviceKey } from '../../services/core/redis/keys.ts';
import { startTestStack } from '../support/stack.ts';
import { cliFor } from './run-cli.ts';
import { openTestStore } from './sign-in.ts';

interface Created {
  id: string;
  key: string;
}

const stack = await startTestStack(t, { parts: ['redis'] });
const cli = cliFor(stack.runDir.path);
const admin = await openTestStore(t, stack.redisAdminUrl);
const uid = await addAccount('alice');
const keyHashOf = (id: string) => admin.redis.hget(deviceKey(id), 'keyHash');

t.test('without devices there is nothing to list', async (t) => {
  t.match(await cli(['device', 'list']), { code: 0, stdout: 'There is no device.\n' });
  t.same(await cli.json(['device', 'list']), []);
});

t.test('a created device shows its key once, and how to connect', async (t) => {
  const text = await cli(['device', 'create', 'lamp', '--label', 'Lamp in the hall', '--owner', 'alice']);
  const json = await cli.json<Created>(['device', 'create', 'fan', '--role', 'device', '--role', 'user']);

  t.match(text, { code: 0, stderr: '' });
  const [, key = ''] = /^Its key, shown only now: (\S{43})$/m.exec(text.stdout) ?? [];
  t.equal(await keyHashOf('lamp'), hashDeviceKey(key));
  t.match(text.stdout, 'Created device lamp with role device.\n');
  t.match(text.stdout, 'username d:lamp, client id lamp (or lamp.<suffix>)');
  t.match(json, {
    id: 'fan',
    owner: '',
    roles: ['device', 'user'],
    mqttUsername: 'd:fan',
    mqttClientId: 'fan',
  });
  t.equal(await keyHashOf('fan'), hashDeviceKey(json.key));
  for (const args of [
    ['show', 'lamp', '--json'],
    ['list', '--json'],
  ]) {
    const { stdout } = await cli(['device', ...args]);
    for (const secret of [key, hashDeviceKey(key)]) t.notMatch(stdout, secret, args.join(' '));
  }
});

t.test('a device is shown with owner, state and where it was seen', async (t) => {
  await cli.json(['device', 'create', 'seen', '--label', 'a \u202eb', '--owner', uid]);
  const noted = { seen: `${Date.UTC(2026, 0, 2, 3, 4, 5)} 0`, 'seen.2': `${Date.UTC(2026, 0, 1)} 0` };
  await admin.redis.hset(deviceClientsKey('seen'), noted);

  const text = await cli(['device', 'show', 'seen']);
  const json = await cli.json(['device', 'show', 'seen']);
  const listed = await cli(['device', 'list']);

  t.match(text.stdout, /^owner +alice$/m);
  t.match(text.stdout, /^label +a \\u202eb$/m);
  t.match(text.stdout, /^last seen +2026-01-02T03:04:05Z$/m);
  t.match(text.stdout, /^client ids +seen \(2026-01-02T03:04:05Z\), seen.2 \(2026-01-01T00:00:00Z\)$/m);
  t.match(json, {
    ...{ id: 'seen', owner: uid, state: 'active', lastSeenMs: Date.UTC(2026, 0, 2, 3, 4, 5) },
    clients: [{ clientId: 'seen' }, { clientId: 'seen.2' }],
  });
  t.match(
    listed.stdout.split('\n')[0],
    /^ID +STATE +LABEL +ROLES +OWNER +LAST SEEN +CLIENT IDS +CONNECTED +CREATED$/,
  );
  t.match(listed.stdout, /^seen +active +a \\u202eb +device +alice +2026-01-02T03:04:05Z +2 +\? +20/m);
});

t.test('all devices are listed, page by page', async (t) => {
  const ids = Array.from({ length: 1200 }, (_, i) => `many-${i}`);
  const device = { label: '', owner: '', roles: ['device'], actor: 'test' };
  await Promise.all(ids.map((id) => createDevice(admin, { id, ...device })));

  const listed = await cli.json<Created[]>(['device', 'list']);

  t.equal(listed.filter(({ id }) => id.startsWith('many-')).length, ids.length);
});

t.test('a key is rotated with an overlap of a day, another one, or none', async (t) => {
  const { key } = await cli.json<Created>(['device', 'create', 'meter']);
  const fields = () => admin.redis.hgetall(deviceKey('meter'));

  const byDefault = await cli(['device', 'rotate-key', 'meter']);
  const [, second = ''] = /shown only now: (\S{43})$/m.exec(byDefault.stdout) ?? [];
  t.match(byDefault, { code: 0, stdout: /^The old key of meter works until 20\S+Z\.\n/ });
  t.match(await fields(), {
    keyHash: hashDeviceKey(second),
    previousKeyHash: hashDeviceKey(key),
    epoch: '0',
  });
  const { keyChangedAtMs, previousKeyUntilMs } = await fields();
  t.equal(Number(previousKeyUntilMs) - Number(keyChangedAtMs), 86_400_000);
  t.match((await cli(['device', 'show', 'meter'])).stdout, /^old key until +20/m);

  const refused = await cli(['device', 'rotate-key', 'meter', '--overlap', '90m']);
  t.match(refused, {
    code: 1,
    stdout: '',
    stderr: /^bednet: two keys of meter work until \S+: wait, or [^\n]+\n$/,
  });
  t.equal(await keyHashOf('meter'), hashDeviceKey(second), 'nothing has changed');

  const atOnce = await cli.json<Created>(['device', 'rotate-key', 'meter', '--overlap', '0']);
  t.match(atOnce, { id: 'meter', oldKeyUntilMs: Number, durableInMs: Number, acknowledgedAtMs: Number });
  t.match(await fields(), { keyHash: hashDeviceKey(atOnce.key), epoch: '1' });
  const text = await cli(['device', 'rotate-key', 'meter', '--overlap', '0s', '--yes']);
  t.match(text.stdout, /^The old key of meter is void, and so are its connections; durable in [\d.]+ ms\.\n/);
});

t.test('a device is disabled, enabled and deleted, with reason and actor on its record', async (t) => {
  await cli.json(['device', 'create', 'door']);

  const disabled = await cli(['device', 'disable', 'door', '--reason', 'stolen']);
  t.match(
    disabled.stdout,
    /^Disabled device door, durable in [\d.]+ ms: no check that starts now is granted\.\n$/,
  );
  t.match(await admin.redis.hgetall(deviceKey('door')), {
    state: 'disabled',
    reason: 'stolen',
    actor: /^cli:.+/,
  });
  t.match(
    (await cli(['explain', 'd:door', 'door', 'write', 'devices/door/x'])).stdout,
    /by cli:.+ \(stolen\)/,
  );
  t.match(await cli.json(['device', 'disable', 'door']), { id: 'door', state: 'disabled' }, 'again');
  t.match(await cli(['device', 'enable', 'door']), { code: 0, stdout: /^Enabled device door/ });
  t.match((await cli(['explain', 'd:door', 'door', 'write', 'devices/door/x'])).stdout, /^Granted/);

  t.match(await cli.json(['device', 'delete', 'door', '--yes']), { state: 'deleted', durableInMs: Number });
  for (const command of ['show', 'enable', 'rotate-key']) {
    const gone = await cli(['device', command, 'door']);
    t.match(gone, { code: 1, stdout: '', stderr: 'bednet: there is no device door\n' }, command);
  }
  t.match(await cli(['device', 'create', 'door']), { code: 0 }, 'its id is free');
});

t.test('disabling the owner leaves the device as it is', async (t) => {
  const bob = await addAccount('bob');
  await cli.json(['device', 'create', 'shared', '--owner', 'bob']);

  await disableAccount(admin, { uid: bob, reason: 'left', actor: 'test' });

  t.match(await cli.json(['device', 'show', 'shared']), { state: 'active' });
});

t.test('what is not there, taken, or not well-formed is refused', async (t) => {
  const cases: [args: string[], code: number, stderr: RegExp][] = [
    [['create', 'lamp'], 1, /there is a device lamp already/],
    [['create', 'new', '--owner', 'nobody'], 1, /there is no account nobody/],
    [['create', 'new', '--role', 'thing'], 1, /the rules in force know no role thing/],
    [['show', 'none'], 1, /there is no device none/],
    [['create', 'a/b'], 2, /'a\/b' is invalid/],
    [['create', 'new', '--role', 'a,b'], 2, /is invalid/],
    [['create', 'new', '--label', 'a\nb'], 2, /printable characters/],
    [['create'], 2, /missing required argument/],
    [['rotate-key', 'lamp', '--overlap', '24'], 2, /It is 0, or a number with s, m, h or d behind it/],
  ];

  for (const [args, code, stderr] of cases) {
    const result = await cli(['device', ...args]);
    t.match(result, { code, stdout: '', stderr }, args.join(' '));
    t.match(result.stderr, /^bednet: [^\n]+\n$/, 'one line');
  }
  t.equal(await admin.redis.exists(deviceKey('new')), 0);
});

t.test('a device id and an overlap are checked as they are read', async (t) => {
  for (const id of ['a', 'A_b-9', '-x', 'x'.repeat(64)]) t.equal(parseDeviceId(id), id);
  for (const id of ['', 'a.b', 'a/b', 'a b', 'é', 'a\n', '#', 'x'.repeat(65)]) {
    t.throws(() => parseDeviceId(id), { code: 'commander.invalidArgument' }, JSON.stringify(id));
  }
  const overlaps: [string, number][] = [
    ['0', 0],
    ['0s', 0],
    ['90s', 90],
    ['5m', 300],
    ['24h', 86_400],
    ['30d', 2_592_000],
  ];
  for (const [text, seconds] of overlaps) t.equal(parseOverlap(text), seconds, text);
  for (const text of ['', 's', '-1s', '1', '24', '1w', '31d', '0.5h', '1e3s', ' 1h', '1h\n']) {
    t.throws(() => parseOverlap(text), { code: 'commander.invalidArgument' }, JSON.stringify(text));
  }
});

async function addAccount(username: string): Promise<string> {
  const account = { username, roles: ['user'], passwordHash: 'none', actor: 'test' };
  const created = await createAccount(admin, account);
  if (created.outcome !== 'created') throw new Error(created.outcome);
  return created.uid;
}
