import fc from 'fast-check';
import t from 'tap';
import { createDevice } from '../../services/core/devices/change-device.ts';
import { noteClients } from '../../services/core/connections/note-clients.ts';
import { newUid, partitionOf } from '../../services/core/ids.ts';
import {
  accountIndexKey,
  accountKey,
  clientsKey,
  credentialKey,
  deviceClientsKey,
  deviceKey,
  emailKey,
  expiryKey,
  loginKey,
  sessionIndexKey,
  sessionKey,
  usedGenerationKey,
} from '../../services/core/redis/keys.ts';
import { dayMs, startSweepStage } from './sweep-stage.ts';

const { admin, sweep, newAccount, signIn } = await startSweepStage(t);
const now = Date.now();
const past = String(now - 60_000);
const future = String(now + dayMs);

/** What may be true of an account that stays, and of one that goes. */
const stays: Record<string, Record<string, string>> = {
  active: {},
  disabled: { state: 'disabled' },
  'in purgatory': { state: 'deleted', purgeAtMs: future },
  restored: { purgeAtMs: past },
  'to be verified': { pendingUntilMs: future },
  verified: { pendingUntilMs: past, emailVerified: '1' },
};
const goes: Record<string, Record<string, string>> = {
  'past its purgatory': { state: 'deleted', purgeAtMs: past },
  'never verified': { pendingUntilMs: past },
};
/** What makes a session end; no changes at all = it lives. */
const ends: Record<string, Record<string, string>> = {
  live: {},
  'just revoked': { state: 'revoked', endedAtMs: past },
  'revoked long ago': { state: 'revoked', endedAtMs: String(now - 2 * dayMs) },
  idle: { idleUntilMs: past },
  over: { absoluteUntilMs: past },
};
const devices = { active: { state: 'active' }, disabled: { state: 'disabled' } };

const anyWorld = fc.record({
  accounts: fc.array(
    fc.record({
      kind: fc.constantFrom(...Object.keys({ ...stays, ...goes })),
      sessions: fc.array(fc.record({ end: fc.constantFrom(...Object.keys(ends)), connected: fc.boolean() }), {
        maxLength: 4,
      }),
    }),
    { maxLength: 6 },
  ),
  devices: fc.array(fc.constantFrom(...(Object.keys(devices) as (keyof typeof devices)[])), { maxLength: 3 }),
  claims: fc.nat(3),
});
type World = typeof anyWorld extends fc.Arbitrary<infer T> ? T : never;

t.test('whatever there is, sweeps remove nothing that lives', async (t) => {
  await fc.assert(
    fc.asyncProperty(anyWorld, async (world) => {
      await admin.redis.flushall();
      const live = await make(world);
      const before = await look(live);

      await sweep();
      await sweep({ keysPerStep: 7 });

      t.same(await look(live), before, JSON.stringify(world));
    }),
    { numRuns: 40 },
  );
});

/** What must be there before and after: whole keys, and members of sorted sets. */
interface Live {
  keys: string[];
  members: [key: string, member: string][];
}

async function make(world: World): Promise<Live> {
  const live: Live = { keys: [], members: [] };
  for (const account of world.accounts) await makeAccount(account, live);
  for (const [index, state] of world.devices.entries()) await makeDevice(`device${index}`, state, live);
  for (let i = 0; i < world.claims; i += 1) {
    await admin.redis.set(loginKey(`claimed${i}`), newUid(), 'EX', 5000); // A creation under way.
    live.keys.push(loginKey(`claimed${i}`));
  }
  return live;
}

async function makeAccount({ kind, sessions }: World['accounts'][number], live: Live): Promise<void> {
  const { uid, username, email } = await newAccount();
  for (const session of sessions) await makeSession(uid, session, kind in stays, live);
  await admin.redis.hset(accountKey(uid), { state: 'active', ...stays[kind], ...goes[kind] });
  if (goes[kind]) return;
  live.keys.push(accountKey(uid), credentialKey(uid), loginKey(username), emailKey(email));
  live.members.push([accountIndexKey(partitionOf(uid)), uid]);
}

async function makeSession(
  uid: string,
  { end, connected }: World['accounts'][number]['sessions'][number],
  isOfLiving: boolean,
  live: Live,
): Promise<void> {
  const { sid } = await signIn(uid);
  if (connected) await noteClients(admin, [{ sid, clientId: sid, generation: 1, seenMs: now }]);
  await admin.redis.hset(sessionKey(sid), { state: 'active', ...ends[end] });
  live.keys.push(sessionKey(sid)); // A tombstone too stays as long as tokens could live.
  if (connected && end !== 'revoked long ago') live.keys.push(clientsKey(sid), usedGenerationKey(sid));
  if (end !== 'live' || !isOfLiving) return;
  live.members.push([sessionIndexKey(uid), sid], [expiryKey(partitionOf(uid)), sid]);
}

async function makeDevice(id: string, state: keyof typeof devices, live: Live): Promise<void> {
  await createDevice(admin, { id, label: '', owner: '', roles: [], actor: 'test' });
  await admin.redis.hset(deviceKey(id), devices[state]);
  await admin.redis.hset(deviceClientsKey(id), id, `${now} 0`);
  live.keys.push(deviceKey(id), deviceClientsKey(id));
}

async function look({ keys, members }: Live): Promise<object> {
  const values = await Promise.all(
    keys.map(async (key) => [
      key,
      ((await admin.redis.dumpBuffer(key)) ?? '').toString('hex'),
      (await admin.redis.ttl(key)) === -1,
    ]),
  );
  const scores = await Promise.all(
    members.map(async ([key, member]) => [key, member, await admin.redis.zscore(key, member)]),
  );
  return { values, scores };
}
