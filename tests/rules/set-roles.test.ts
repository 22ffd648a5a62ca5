import t from 'tap';
import { disableAccount } from '../../services/core/accounts/change-account-state.ts';
import { findAccount } from '../../services/core/accounts/account.ts';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { setRoles } from '../../services/core/accounts/set-roles.ts';
import { accountKey, adminsKey, eventsKey, sessionKey } from '../../services/core/redis/keys.ts';
import type { Store } from '../../services/core/redis/store.ts';
import { openTestStore } from '../cli/sign-in.ts';
import { flushAll } from '../support/every-primary.ts';
import { startWebhookStage } from '../support/webhook-service.ts';

const stage = await startWebhookStage(t, { settings: { webhook: { BROKER_URLS: '' } } });
const cli = await openTestStore(t, stage.stack.redisUrl('cli'));
const { redis } = stage.store;
const actor = 'test';
let accounts = 0;

const create = async (...roles: string[]): Promise<string> => {
  const username = `account${(accounts += 1)}`;
  const created = await createAccount(stage.store, { username, roles, passwordHash: 'none', actor });
  if (created.outcome !== 'created') throw new Error(created.outcome);
  return created.uid;
};
const rolesOf = async (uid: string) => (await findAccount(cli, uid))?.roles;
const setTo = (uid: string, ...roles: string[]) => setRoles(cli, { uid, roles, actor });
const activeAdmins = async (uids: readonly string[]) => {
  const found = await Promise.all(uids.map((uid) => findAccount(cli, uid)));
  return found.filter((account) => account?.state === 'active' && account.roles.includes('admin')).length;
};

t.beforeEach(() => flushAll(stage.store));

t.test('changed roles count at the next check of every live session, without a new sign-in', async (t) => {
  const alice = await stage.signIn({ roles: ['user'] });
  const second = await stage.signInAgain(alice);
  const ended = await stage.signInAgain(alice);
  await stage.revoke(ended);
  const write = ({ username, clientId }: typeof alice) =>
    stage.askAcl({ username, clientid: clientId, topic: `users/${username}/x`, acc: 2 });
  t.equal((await write(alice)).status, 200);

  const result = await setTo(alice.uid, 'device');

  t.strictSame(result, { outcome: 'changed', roles: ['device'], previousRoles: ['user'], sessions: 2 });
  t.equal((await write(alice)).reason, 'no-rule-allows');
  t.equal((await write(second)).reason, 'no-rule-allows');
  t.equal(await redis.hget(sessionKey(ended.sid), 'roles'), 'user', 'a tombstone stays as it was');
  t.match(await setTo(alice.uid, 'user', 'device', 'user'), { roles: ['user', 'device'], sessions: 2 });
  t.equal((await write(second)).status, 200);
});

t.test('a new admin is noted once the change is confirmed, by the repeat at the latest', async (t) => {
  const uid = await create('user');
  const change = { uid, roles: ['admin'], actor };
  const failing = { ...cli, confirmDurable: () => Promise.reject(new Error('no replica')) };

  await t.rejects(setRoles(failing, change), /no replica/);
  t.notOk(await redis.sismember(adminsKey, uid), 'nothing comes between the change and its confirmation');

  t.match(await setRoles(cli, change), { outcome: 'unchanged' });
  t.ok(await redis.sismember(adminsKey, uid));
});

t.test('a change of roles is one event, and ends a sign-in under way', async (t) => {
  const uid = await create('user');

  await setTo(uid, 'admin');
  t.strictSame(await setTo(uid, 'admin'), { outcome: 'unchanged', roles: ['admin'] });

  const events = await redis.xrange(eventsKey(uid.charAt(0)), '-', '+');
  t.match(events.at(-1)?.[1], [
    'type',
    'roles-changed',
    'uid',
    uid,
    'roles',
    'admin',
    'actor',
    'test',
    'atMs',
    /^\d{13}$/,
  ]);
  t.equal(events.length, 2, 'created and changed');
  t.equal(await redis.hget(accountKey(uid), 'epoch'), '1');
});

t.test('a role that the rules do not know is refused, unless the account has it', async (t) => {
  const uid = await create('user', 'former');

  t.strictSame(await setTo(uid, 'user', 'boss', 'clerk'), {
    outcome: 'unknown-roles',
    roles: ['boss', 'clerk'],
  });
  t.strictSame(await setTo(uid, '__proto__'), { outcome: 'unknown-roles', roles: ['__proto__'] });
  t.match(await setTo(uid, 'former', 'device'), { outcome: 'changed' });
  t.match(await setTo('x'.repeat(22), 'user'), { outcome: 'unknown-account' });
});

t.test('what can be no list of roles is refused', async (t) => {
  const uid = await create('user');

  for (const roles of [
    ['a,b'],
    [''],
    ['user', 'a b'],
    Array.from({ length: 17 }, (_, index) => `r${index}`),
  ]) {
    await t.rejects(setTo(uid, ...roles), { code: 'VAL_INVALID_FORMAT', field: 'roles' }, roles.join());
  }
});

t.test('the last active admin keeps the role', async (t) => {
  const [first, second] = [await create('user', 'admin'), await create('user')];

  t.strictSame(await setTo(first, 'user'), { outcome: 'last-admin' });
  t.strictSame(await rolesOf(first), ['user', 'admin']);
  t.match(await setTo(first, 'admin'), { outcome: 'changed' }, 'other roles may go');

  await setTo(second, 'admin');
  t.match(await setTo(first, 'user'), { outcome: 'changed', previousRoles: ['admin'] });
  t.strictSame(await setTo(second, 'user'), { outcome: 'last-admin' }, 'now it is the other one');
});

t.test('an admin who is disabled or deleted is not the one who stays', async (t) => {
  const [first, second] = [await create('admin'), await create('admin')];
  await setTo(second, 'admin', 'user');
  await disableAccount(stage.store, { uid: second, reason: 'test', actor });

  t.strictSame(await setTo(first, 'user'), { outcome: 'last-admin' });
  t.match(await setTo(second, 'user'), { outcome: 'changed' }, 'who is disabled may lose the role');
  await redis.del(accountKey(second));
  t.strictSame(await setTo(first, 'user'), { outcome: 'last-admin' });
});

t.test('an admin is found though nobody noted who has the role', async (t) => {
  const [first] = [await create('admin'), await create('user'), await create('admin')];
  await redis.sadd(adminsKey, 'x'.repeat(22));

  t.match(await setTo(first, 'user'), { outcome: 'changed' });

  t.notOk(await redis.sismember(adminsKey, 'x'.repeat(22)), 'what was noted wrongly is forgotten');
});

t.test('of two admins who take the role from one another one keeps it, whoever comes late', async (t) => {
  const [first, second] = [await create('admin'), await create('admin')];
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { promise: waiting, resolve: tellWaiting } = Promise.withResolvers<void>();
  const slow: Store = {
    ...cli,
    async run(script, keys, args) {
      if (script === 'account-set-roles') {
        tellWaiting();
        await gate;
      }
      return cli.run(script, keys, args);
    },
  };

  const late = setRoles(slow, { uid: first, roles: ['user'], actor });
  await waiting;
  t.match(await setTo(second, 'user'), { outcome: 'changed' }, 'the late one has not changed anything yet');
  open();

  t.strictSame(await late, { outcome: 'last-admin' });
  t.strictSame(await rolesOf(first), ['admin']);
});

t.test('however many take the role from all admins at once, one keeps it', async (t) => {
  const others = await Promise.all(
    Array.from({ length: 3 }, () => openTestStore(t, stage.stack.redisUrl('cli'))),
  );
  const outcomes = new Map<string, number>();

  for (let round = 0; round < 40; round += 1) {
    await flushAll(stage.store);
    const uids = await Promise.all(Array.from({ length: 2 + (round % 3) }, () => create('admin')));
    if (round % 2) await redis.sadd(adminsKey, ...uids);

    const results = await Promise.allSettled(
      uids.map((uid, index) => setRoles(others[index % 3] ?? cli, { uid, roles: ['user'], actor })),
    );

    for (const result of results) {
      const outcome =
        result.status === 'fulfilled' ? result.value.outcome : (result.reason as { code: string }).code;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    t.equal(await activeAdmins(uids), 1, `round ${round}`);
  }

  t.comment(JSON.stringify(Object.fromEntries(outcomes)));
  t.ok((outcomes.get('last-admin') ?? 0) >= 30);
});
