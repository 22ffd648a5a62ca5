import t from 'tap';
import { purgeAccount } from '../../services/core/accounts/purge-account.ts';
import { walkAccounts } from '../../services/core/accounts/walk-accounts.ts';
import { createDevice, deleteDevice } from '../../services/core/devices/change-device.ts';
import { noteClients } from '../../services/core/connections/note-clients.ts';
import { partitionOf } from '../../services/core/ids.ts';
import {
  accountIndexKey,
  clientsKey,
  deviceClientsKey,
  deviceKey,
  expiryKey,
  sessionIndexKey,
  sessionKey,
  usedGenerationKey,
} from '../../services/core/redis/keys.ts';
import { renewSession } from '../../services/core/sessions/renew-session.ts';
import { revokeSession } from '../../services/core/sessions/revoke-sessions.ts';
import { dayMs, lives, startSweepStage } from './sweep-stage.ts';

const { admin, sweep, newAccount, signIn } = await startSweepStage(t);

t.test('ended sessions leave the list of their account, live ones stay', async (t) => {
  const { uid } = await newAccount();
  const sids: Record<string, string> = {};
  for (const name of ['live', 'reused', 'idle', 'over', 'gone']) sids[name] = (await signIn(uid)).sid;
  const { live = '', reused = '', idle = '', over = '', gone = '' } = sids;
  for (const generation of [1, 2, 1]) await renewSession(admin, token(reused, generation), lives);
  await admin.redis.hset(sessionKey(idle), 'idleUntilMs', Date.now() - 1000);
  await admin.redis.hset(sessionKey(over), 'absoluteUntilMs', Date.now() - 1000);
  await admin.redis.del(sessionKey(gone));

  const first = await sweep();
  const second = await sweep();

  t.match([first.listedSessionsRemoved, second.listedSessionsRemoved], [4, 0]);
  t.same(await admin.redis.zrange(sessionIndexKey(uid), '0', '-1'), [live]);
});

t.test('a session that lapsed a day ago is forgotten, and listed again when it is renewed', async (t) => {
  const { uid } = await newAccount();
  const { sid } = await signIn(uid);
  const listed = async () => (await admin.redis.zscore(expiryKey(partitionOf(uid)), sid)) !== null;
  const lapsedMs = Date.now() + lives.accessTtlSeconds * 1000;

  await sweep({ nowMs: lapsedMs + dayMs - 10_000 });
  const before = await listed();
  const counts = await sweep({ nowMs: lapsedMs + dayMs + 10_000 });
  const after = await listed();
  await renewSession(admin, token(sid, 1), lives);

  t.same([before, after, await listed()], [true, false, true]);
  t.ok(counts.lapsedSessionsForgotten >= 1);
});

t.test('client ids stay while their session lives and for a day after its end', async (t) => {
  const { uid } = await newAccount();
  const { sid: live } = await signIn(uid);
  const { sid: revoked } = await signIn(uid);
  const { sid: gone } = await signIn(uid);
  for (const sid of [live, revoked, gone]) await connect(sid);
  await revokeSession(admin, revoked, { uid, reason: 'test', actor: 'test' });
  await admin.redis.del(sessionKey(gone));

  await sweep();
  const atOnce = await admin.redis.exists(clientsKey(live), clientsKey(revoked));
  const lost = await admin.redis.exists(clientsKey(gone));
  await sweep({ nowMs: Date.now() + dayMs + 10_000 });

  t.match([atOnce, lost], [2, 0]);
  t.equal(
    await admin.redis.exists(clientsKey(revoked), usedGenerationKey(revoked), usedGenerationKey(gone)),
    0,
  );
  t.equal(await admin.redis.exists(clientsKey(live), usedGenerationKey(live)), 2);
});

t.test('client ids of a device stay while there is the device', async (t) => {
  for (const id of ['pump', 'lamp', 'gate', 'door']) {
    await createDevice(admin, { id, label: '', owner: '', roles: [], actor: 'test' });
    await admin.redis.hset(deviceClientsKey(id), id, '1 0');
  }
  const removal = { reason: 'test', actor: 'test' };
  for (const id of ['lamp', 'gate']) await deleteDevice(admin, { id, ...removal });
  await createDevice(admin, { id: 'gate', label: '', owner: '', roles: [], actor: 'test' });
  await admin.redis.del(deviceKey('door'));

  await sweep();
  const atOnce = await admin.redis.exists(...['pump', 'lamp', 'gate'].map(deviceClientsKey));
  await sweep({ nowMs: Date.now() + dayMs + 10_000 });

  t.equal(atOnce, 3);
  t.equal(await admin.redis.exists(deviceClientsKey('door')), 0, 'no such device');
  t.equal(await admin.redis.exists(deviceClientsKey('lamp')), 0, 'deleted a day ago');
  t.equal(await admin.redis.exists(...['pump', 'gate'].map(deviceClientsKey)), 2, 'active');
});

t.test('an account that is in no list is listed, also while it can be restored', async (t) => {
  const accounts = [
    await newAccount(),
    await newAccount({ state: 'disabled' }),
    await newAccount({ state: 'deleted', purgeAtMs: String(Date.now() + dayMs) }),
  ];
  const uids = accounts.map(({ uid }) => uid);
  for (const uid of uids) await admin.redis.zrem(accountIndexKey(partitionOf(uid)), uid);

  const first = await sweep();
  const second = await sweep();

  t.match([first.accountsListed, second.accountsListed], [3, 0]);
  const listed = await listAll();
  t.ok(uids.every((uid) => listed.includes(uid)));
});

t.test('accounts that are purged while a sweep lists them leave no trace in the lists', async (t) => {
  const accounts = await Promise.all(
    Array.from({ length: 40 }, () => newAccount({ state: 'deleted', purgeAtMs: String(Date.now() + dayMs) })),
  );
  for (const { uid } of accounts) await admin.redis.zrem(accountIndexKey(partitionOf(uid)), uid);
  const purge = { actor: 'test', atOnce: true };

  await Promise.all([sweep(), ...accounts.map(({ uid }) => purgeAccount(admin, { uid, ...purge }))]);

  const listed = await listAll();
  t.same(
    accounts.filter(({ uid }) => listed.includes(uid)),
    [],
  );
});

async function listAll(): Promise<string[]> {
  const uids: string[] = [];
  for await (const lot of walkAccounts(admin, '', 100)) uids.push(...lot);
  return uids;
}

async function connect(sid: string): Promise<void> {
  await noteClients(admin, [{ sid, clientId: sid, generation: 1, seenMs: Date.now() }]);
}

function token(sid: string, generation: number) {
  return { sid, generation } as Parameters<typeof renewSession>[1];
}
