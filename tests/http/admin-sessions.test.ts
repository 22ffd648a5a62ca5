import t from 'tap';
import { newUid } from '../../services/core/ids.ts';
import { brokerReportKey, clientsKey, deviceClientsKey } from '../../services/core/redis/keys.ts';
import { createDevice } from '../../services/core/devices/change-device.ts';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { signInOperator } from '../support/admins.ts';
import { isRefusal } from '../support/refusal.ts';
import { startSessionStage } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { ask, store, signIn, signInSomebody, renew } = stage;
const admin = await signInOperator(stage);

const isLive = async (token: string) => (await ask('GET', '/api/auth/me', { token })).status === 200;

t.test('the sessions of an account are shown to an admin as to their owner', async (t) => {
  const first = await signInSomebody();
  const second = await signIn(first.person);

  const { body } = await admin.ask('GET', `/accounts/${first.user.id}/sessions`);

  t.match(body.data.sessions, [
    { id: second.session_id, ip: '127.0.0.1', is_current: false },
    { id: first.session_id, user_id: first.user.id },
  ]);
  isRefusal(t, await admin.ask('GET', `/accounts/${newUid()}/sessions`), 'an unknown account', 404);
});

t.test('one session is ended, the other of the account goes on', async (t) => {
  const first = await signInSomebody();
  const second = await signIn(first.person);

  const ended = await admin.ask('DELETE', `/sessions/${first.session_id}`, { body: { reason: 'stolen' } });
  const again = await admin.ask('DELETE', `/sessions/${first.session_id}`);

  t.same(ended.body.data, { changed: true });
  t.same(again.body.data, { changed: false });
  t.notOk(await isLive(first.access_token));
  t.equal((await renew(first.refresh_token)).status, 401);
  t.ok(await isLive(second.access_token));
  isRefusal(t, await admin.ask('DELETE', `/sessions/${newUid()}`), 'an unknown session', 404);
  const { body } = await admin.ask('GET', `/audit?uid=${first.user.id}&event=session-ended`);
  t.match(body.data.entries, [{ sid: first.session_id, actor: admin.user.id, reason: 'stolen' }]);
});

t.test('all sessions of an account are ended, nobody else is touched', async (t) => {
  const first = await signInSomebody();
  const second = await signIn(first.person);
  const other = await signInSomebody();

  const { body } = await admin.ask('POST', `/accounts/${first.user.id}/end-sessions`);

  t.same(body.data, { ended_sessions: 2 });
  t.notOk(await isLive(first.access_token));
  t.notOk(await isLive(second.access_token));
  t.ok(await isLive(other.access_token));
});

t.test("everybody's sessions are ended step by step, but the admin's own", async (t) => {
  const people = await Promise.all(Array.from({ length: 8 }, () => signInSomebody()));
  const adminElsewhere = await signIn(admin.person);
  const accounts = Array.from({ length: 440 }, (_, index) => ({
    ...{ username: `many.${index}`, roles: ['user'], passwordHash: 'none', actor: 'test' },
  }));
  await Promise.all(accounts.map((account) => createAccount(store, account)));

  const steps: { accounts: number; ended_sessions: number; next?: string }[] = [];
  let cursor: string | undefined;
  do {
    const answer = await admin.ask('POST', '/sessions/end-all', {
      body: { reason: 'incident', ...(cursor && { cursor }) },
    });
    steps.push(answer.body.data);
    cursor = answer.body.data.next;
  } while (cursor !== undefined);

  t.ok(steps.length >= 3, `${steps.length} steps`);
  t.ok(
    steps.every(({ accounts }) => accounts <= 220),
    'each step is a bounded one',
  );
  t.ok(steps.reduce((sum, step) => sum + step.ended_sessions, 0) >= 9);
  for (const { access_token: token, refresh_token } of [...people, adminElsewhere]) {
    t.notOk(await isLive(token));
    t.equal((await renew(refresh_token)).status, 401);
  }
  t.equal((await admin.ask('GET', '/accounts')).status, 200, "the admin's session goes on");
  const { body } = await admin.ask('GET', '/audit?event=everybodys-sessions-ended');
  t.equal(body.data.entries.length, steps.length);
  t.match(body.data.entries[0], { actor: admin.user.id, reason: /^incident: \d+ of \d+ accounts$/ });
});

t.test('bad cursors and bodies of end-all are refused', async (t) => {
  for (const raw of ['{"cursor":"x"}', '{"cursor":5}', '{"reason":"\\u0000"}', '[]', '"x"', '{']) {
    isRefusal(t, await admin.ask('POST', '/sessions/end-all', { raw }), raw, 400);
  }
});

t.test('clients are listed with their last CONNECT and whose they are, each once', async (t) => {
  const owners = await Promise.all(Array.from({ length: 7 }, () => signInSomebody()));
  const ids: string[] = [];
  for (const [index, { session_id: sid }] of owners.entries()) {
    const clientId = `${sid}-tab${index}`;
    await store.redis.hset(clientsKey(sid), clientId, 1_000_000 + index);
    ids.push(clientId);
  }
  await createDevice(store, { id: 'lamp', label: '', owner: '', roles: ['device'], actor: 'test' });
  await store.redis.hset(deviceClientsKey('lamp'), 'lamp.a', '1000000 0');

  const found: Record<string, string>[] = [];
  let next = '';
  for (let page = 0; page < 50; page += 1) {
    const { body } = await admin.ask('GET', `/clients?limit=2${next && `&cursor=${next}`}`);
    found.push(...body.data.clients);
    next = body.data.next ?? '';
    if (next === '') break;
  }

  t.same(found.map(({ client_id: id }) => id).sort(), [...ids, 'lamp.a'].sort());
  const own = found.find(({ client_id: id }) => id === ids[0]);
  t.match(own, { session_id: owners[0]?.session_id, user_id: owners[0]?.user.id });
  t.equal(own?.last_seen, new Date(1_000_000).toISOString());
  t.match(
    found.find(({ client_id: id }) => id === 'lamp.a'),
    { device_id: 'lamp' },
  );
  for (const cursor of ['x', 'a', 'aé', `a${'x'.repeat(23)}`, 'd*']) {
    const answer = await admin.ask('GET', `/clients?cursor=${encodeURIComponent(cursor)}`);
    isRefusal(t, answer, cursor, 400);
  }
});

t.test('a client is connected, not connected or unknown, as far as its broker tells', async (t) => {
  const { session_id: sid } = await signInSomebody();
  const [reporting, silent] = ['a'.repeat(32), 'b'.repeat(32)] as const;
  const nowMs = Date.now();
  await store.redis.set(brokerReportKey(reporting), `${nowMs} 0 0`);
  await store.redis.set(brokerReportKey(silent), `${nowMs - 3_600_000} 0 0`);
  await store.redis.hset(clientsKey(sid), {
    [`${sid}-in`]: `${nowMs} - +`,
    [`${sid}-in ${reporting}.1`]: nowMs,
    [`${sid}-left`]: `${nowMs} - +`,
    [`${sid}-silent`]: `${nowMs} - +`,
    [`${sid}-silent ${silent}.1`]: nowMs,
    [`${sid}-go-auth`]: nowMs,
  });
  await createDevice(store, { id: 'fan', label: '', owner: '', roles: ['device'], actor: 'test' });
  await store.redis.hset(deviceClientsKey('fan'), { fan: `${nowMs} 0 +`, [`fan ${reporting}.2`]: nowMs });

  const { body } = await admin.ask('GET', '/clients?limit=100');
  const devices = await admin.ask('GET', '/devices');

  const since = new Date(nowMs).toISOString();
  const own: { client_id: string }[] = body.data.clients.filter(
    (client: { session_id?: string }) => client.session_id === sid,
  );
  const state = (suffix: string) => own.find(({ client_id: id }) => id === `${sid}-${suffix}`);
  t.equal(own.length, 4, 'connections are no clients');
  t.match(state('in'), { connected: true, since });
  t.match(state('left'), { connected: false, last_seen: since });
  t.match(state('silent'), { connected: 'unknown' });
  t.match(state('go-auth'), { connected: 'unknown', last_seen: since });
  t.notMatch(state('left'), { since: String });
  const fan = devices.body.data.devices.find(({ id }: { id: string }) => id === 'fan');
  t.match(fan.clients, [{ client_id: 'fan', connected: true, since }]);
});

t.test('the explanation tells an admin what the broker would be told', async (t) => {
  const { person, session_id: sid, access_token: token } = await signInSomebody();
  const check = {
    username: person.username,
    client_id: sid,
    topic: `users/${person.username}/x`,
    access: 'write',
  };

  const granted = await admin.ask('POST', '/explain', { body: check });
  const denied = await admin.ask('POST', '/explain', { body: { ...check, topic: 'users/other/x' } });
  await ask('POST', '/api/auth/logout', { token });
  const ended = await admin.ask('POST', '/explain', { body: check });
  const device = await admin.ask('POST', '/explain', {
    body: { username: 'd:lamp', client_id: 'lamp', topic: 'devices/lamp/x', access: 'write' },
  });

  t.match(granted.body.data, { granted: true, session: { id: sid, state: 'active' } });
  t.match(denied.body.data, { granted: false, reason: 'no-rule-allows' });
  t.match(ended.body.data, { granted: false, session: { state: 'revoked', end_reason: 'signed-out' } });
  t.match(device.body.data, { device: { id: 'lamp', state: 'active' } });
  for (const body of [{ ...check, access: 'all' }, { ...check, topic: 'x'.repeat(4097) }, { topic: 'x' }]) {
    isRefusal(t, await admin.ask('POST', '/explain', { body }), JSON.stringify(body).slice(-40), 400);
  }
});

t.test('the audit is read newest first, page by page, and exported as JSON lines', async (t) => {
  const { person } = await signInSomebody();
  for (let i = 0; i < 5; i += 1) await signIn(person);

  const all = await admin.ask('GET', '/audit?limit=6');
  const first = await admin.ask('GET', '/audit?limit=3');
  const { entries, next } = first.body.data;
  const second = await admin.ask('GET', `/audit?limit=3&cursor=${next}`);
  const exported = await admin.ask('GET', '/audit/export');

  t.same(
    [...entries, ...second.body.data.entries].map(({ id }: { id: string }) => id),
    all.body.data.entries.map(({ id }: { id: string }) => id),
  );
  t.match(exported.headers.get('content-type'), /^application\/x-ndjson/);
  t.equal(exported.headers.get('cache-control'), 'no-store');
  const lines = exported.text.trimEnd().split('\n');
  const exportedIds = lines.map((line) => (JSON.parse(line) as { id: string }).id);
  const listedIds: string[] = all.body.data.entries.map(({ id }: { id: string }) => id);
  t.ok(lines.length > 10);
  t.same(
    exportedIds.filter((id) => listedIds.includes(id)),
    listedIds.toReversed(),
    'oldest first',
  );
  const late = await admin.ask('GET', '/audit/export?since=2999-01-01T00:00:00Z');
  t.equal(late.text, '');
  const { body } = await admin.ask('GET', '/audit?event=audit-exported');
  t.match(body.data.entries[0], { actor: admin.user.id });
});

t.test('bad audit queries are refused', async (t) => {
  for (const query of [
    'limit=-1',
    'cursor=1',
    'cursor=%2b',
    'uid=x',
    'event=a%20b',
    'event=%00',
    'uid=x&uid=y',
  ]) {
    isRefusal(t, await admin.ask('GET', `/audit?${query}`), query, 400);
  }
  for (const query of ['since=yesterday', 'since=2026-13-01', 'uid=%00']) {
    isRefusal(t, await admin.ask('GET', `/audit/export?${query}`), query, 400);
  }
});
