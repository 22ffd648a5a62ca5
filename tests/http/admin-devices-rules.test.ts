import t from 'tap';
import { newUid } from '../../services/core/ids.ts';
import { findDevice } from '../../services/core/devices/device.ts';
import { rulesKey } from '../../services/core/redis/keys.ts';
import { signInOperator } from '../support/admins.ts';
import { isRefusal } from '../support/refusal.ts';
import { startSessionStage } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { store, logLines } = stage;
const admin = await signInOperator(stage);

const auditOf = async (event: string) =>
  (await admin.ask('GET', `/audit?event=${event}&limit=1`)).body.data.entries[0] as Record<string, string>;
const rulesInForce = async () => (await admin.ask('GET', '/rules')).body.data.document;

t.test('a device is created with a key that is shown once and kept nowhere', async (t) => {
  const body = { id: 'lamp-1', label: 'Hall', owner: admin.user.id };

  const created = await admin.ask('POST', '/devices', { body });
  const shown = await admin.ask('GET', '/devices/lamp-1');

  t.equal(created.status, 201);
  t.equal(created.headers.get('cache-control'), 'no-store');
  const { key, device } = created.body.data;
  t.match(key, /^[\w-]{43}$/);
  t.match(device, { ...body, roles: ['device'], state: 'active', last_seen: null, clients: [] });
  t.same(shown.body.data, device);
  t.notOk(shown.text.includes(key));
  t.notOk(logLines.some((line) => line.includes(key)));
  const taken = await admin.ask('POST', '/devices', { body });
  t.match(taken, { status: 409, code: 'RES_DEVICE_ID_TAKEN' });
  t.match(await auditOf('device-created'), { device: 'lamp-1', actor: admin.user.id });
});

t.test('a device with a role that the rules do not know is refused, also by default', async (t) => {
  const create = (id: string, roles?: string[]) => admin.ask('POST', '/devices', { body: { id, roles } });
  const inForce = await store.redis.hgetall(rulesKey);

  const unknown = await create('lamp-x', ['device', 'no-such-role']);
  await store.redis.hset(rulesKey, {
    version: 'without-device',
    document: JSON.stringify({
      roles: { user: { permissions: [], rules: [] }, admin: { permissions: ['*'], rules: [] } },
    }),
  });
  const byDefault = await create('lamp-y');
  await store.redis.del(rulesKey);
  if (Object.keys(inForce).length > 0) await store.redis.hset(rulesKey, inForce);

  for (const answer of [unknown, byDefault]) t.match(answer, { status: 400, code: 'VAL_UNKNOWN_ROLE' });
  t.equal((await admin.ask('GET', '/devices/lamp-x')).status, 404);
  t.equal((await create('lamp-x')).status, 201, 'the twin');
});

t.test('a new key replaces the old one, at once or after an overlap', async (t) => {
  await admin.ask('POST', '/devices', { body: { id: 'lamp-2' } });

  const first = await admin.ask('POST', '/devices/lamp-2/rotate-key', { body: { overlap_seconds: 60 } });
  const early = await admin.ask('POST', '/devices/lamp-2/rotate-key', { body: { overlap_seconds: 60 } });
  const atOnce = await admin.ask('POST', '/devices/lamp-2/rotate-key');

  t.match(first.body.data.key, /^[\w-]{43}$/);
  t.match(early, { status: 409, code: 'RES_KEY_OVERLAP' });
  t.equal(atOnce.status, 200);
  t.not(atOnce.body.data.key, first.body.data.key);
  t.match(await auditOf('device-key-rotated'), { device: 'lamp-2', actor: admin.user.id });
});

t.test('a device is disabled, enabled and deleted', async (t) => {
  await admin.ask('POST', '/devices', { body: { id: 'lamp-3' } });

  t.equal((await admin.ask('POST', '/devices/lamp-3/disable', { body: { reason: 'lost' } })).status, 200);
  t.equal((await findDevice(store, 'lamp-3'))?.state, 'disabled');
  t.match(await auditOf('device-disabled'), { device: 'lamp-3', reason: 'lost', actor: admin.user.id });
  t.equal((await admin.ask('POST', '/devices/lamp-3/enable')).status, 200);
  t.equal((await findDevice(store, 'lamp-3'))?.state, 'active');
  t.equal((await admin.ask('DELETE', '/devices/lamp-3')).status, 200);
  t.equal(await findDevice(store, 'lamp-3'), undefined);
  t.equal((await admin.ask('DELETE', '/devices/lamp-3')).status, 200, 'deleting it twice is no error');
  t.match(await auditOf('device-deleted'), { device: 'lamp-3', actor: admin.user.id });
  for (const [method, path] of [
    ['GET', '/devices/lamp-3'],
    ['POST', '/devices/lamp-3/disable'],
    ['POST', '/devices/lamp-3/rotate-key'],
    ['DELETE', '/devices/never-there'],
  ] as const) {
    isRefusal(t, await admin.ask(method, path), `${method} ${path}`, 404);
  }
});

t.test('devices are listed page by page, each once', async (t) => {
  for (let i = 0; i < 23; i += 1) await admin.ask('POST', '/devices', { body: { id: `many-${i}` } });

  const ids: string[] = [];
  let next = '';
  do {
    const { body } = await admin.ask('GET', `/devices?limit=5${next && `&cursor=${next}`}`);
    ids.push(...body.data.devices.map(({ id }: { id: string }) => id));
    next = body.data.next ?? '';
  } while (next !== '');

  t.equal(new Set(ids).size, ids.length);
  t.equal(ids.filter((id) => id.startsWith('many-')).length, 23);
});

t.test('bad input about devices is refused', async (t) => {
  const bodies: object[] = [
    {},
    { id: '' },
    { id: 'a/b' },
    { id: 'a+' },
    { id: 'a#' },
    { id: 'a b' },
    { id: 'a\0' },
    { id: 'x'.repeat(65) },
    { id: ['a'] },
    { id: 'ok', owner: 'nobody' },
    { id: 'ok', owner: newUid() },
    { id: 'ok', roles: ['emperor'] },
    { id: 'ok', roles: ['a,b'] },
    { id: 'ok', roles: 'device' },
    { id: 'ok', label: 'a\nb' },
    { id: 'ok', label: 'x'.repeat(201) },
  ];
  for (const body of bodies) {
    isRefusal(t, await admin.ask('POST', '/devices', { body }), JSON.stringify(body).slice(0, 60), 400);
  }
  t.equal(await findDevice(store, 'ok'), undefined, 'nothing was created');
  for (const overlap of [-1, 1.5, '60', 604_801, null]) {
    const answer = await admin.ask('POST', '/devices/lamp-1/rotate-key', {
      body: { overlap_seconds: overlap },
    });
    isRefusal(t, answer, `overlap ${overlap}`, 400);
  }
  for (const path of [
    '/devices/a%2fb',
    '/devices/%00',
    '/devices/a.b',
    '/devices?cursor=x',
    '/devices?limit=1e2',
  ]) {
    isRefusal(t, await admin.ask('GET', path), path, 400);
  }
});

t.test('rules are read, checked, put in force and brought back', async (t) => {
  const before = await rulesInForce();
  const reader = { permissions: ['accounts.read'], rules: [{ allow: ['read'], filter: 'news/#' }] };
  const edited = { ...before, roles: { ...before.roles, reader } };

  const checked = await admin.ask('POST', '/rules/check', { body: edited });
  t.match(checked.body.data, { ok: true, faults: [], difference: [{ sign: '+', text: 'roles.reader' }] });
  t.same(await rulesInForce(), before, 'a check changes nothing');

  const put = await admin.ask('PUT', '/rules', { body: edited });
  t.equal(put.status, 200, put.text);
  const { version } = put.body.data;
  t.match(await rulesInForce(), { version, roles: { reader: { permissions: ['accounts.read'] } } });
  t.match(await auditOf('rules-changed'), { actor: admin.user.id, reason: version });

  const back = await admin.ask('POST', '/rules/rollback', { body: { to: before.version, version } });
  t.equal(back.status, 200, back.text);
  t.same((await rulesInForce()).roles, before.roles);
  const { versions } = (await admin.ask('GET', '/rules/history')).body.data;
  t.match(versions, [
    { version: back.body.data.version, rolled_back_to: before.version, actor: admin.user.id, usable: true },
    { version, rolled_back_to: null },
  ]);
  t.match(await auditOf('rules-rolled-back'), { actor: admin.user.id });
  const old = await admin.ask('GET', `/rules?version=${version}`);
  t.ok(old.body.data.document.roles.reader);
});

t.test('of two editors of one version the second is told', async (t) => {
  const document = await rulesInForce();

  const [a, b] = await Promise.all([
    admin.ask('PUT', '/rules', { body: document }),
    admin.ask('PUT', '/rules', { body: document }),
  ]);
  const late = await admin.ask('POST', '/rules/rollback', { body: { to: '0', version: document.version } });

  t.same([a.status, b.status].sort(), [200, 409]);
  t.match(late, { status: 409, code: 'RES_RULES_CHANGED' });
});

t.test('an admin can not lock itself out by the rules', async (t) => {
  const document = await rulesInForce();
  const admin_ = { permissions: ['rules.read'], rules: [] };

  const answer = await admin.ask('PUT', '/rules', {
    body: { ...document, roles: { ...document.roles, admin: admin_ } },
  });

  t.match(answer, { status: 400, code: 'VAL_RULES_INVALID' });
  t.match(answer.body.error.message, /rules\.write/);
});

t.test('faulty rules are refused with a fault, and a check tells all of them', async (t) => {
  const document = await rulesInForce();
  const rules = [
    { allow: ['read'], filter: 'a/#/b' },
    { allow: ['fly'], filter: 'a' },
  ];
  const faulty = { ...document, roles: { ...document.roles, user: { permissions: ['x'], rules } } };

  const put = await admin.ask('PUT', '/rules', { body: faulty });
  const checked = await admin.ask('POST', '/rules/check', { body: faulty });

  t.match(put, { status: 400, code: 'VAL_RULES_INVALID' });
  t.equal(checked.body.data.ok, false);
  t.equal(checked.body.data.faults.length, 3);
  t.same(await rulesInForce(), document);
});

t.test('bad input about rules is refused', async (t) => {
  const { version } = await rulesInForce();
  const bad: [string, string, string][] = [
    ['PUT', '/rules', '{}'],
    ['PUT', '/rules', '[]'],
    ['PUT', '/rules', '{"version":5}'],
    ['PUT', '/rules', `{"version":"${version}"}`],
    ['PUT', '/rules', `{"version":"${version}","roles":{"__proto__":5}}`],
    ['PUT', '/rules', `{"version":"${version}","roles":{},"roles":{}}`],
    ['PUT', '/rules', `{"version":"a\\u0000","roles":{}}`],
    ['POST', '/rules/check', '5'],
    ['POST', '/rules/rollback', '{"to":"0"}'],
    ['POST', '/rules/rollback', '{"to":"","version":"x"}'],
    ['POST', '/rules/rollback', '{"to":"a\\nb","version":"x"}'],
  ];
  for (const [method, path, raw] of bad) {
    isRefusal(t, await admin.ask(method, path, { raw }), `${method} ${path} ${raw}`, 400);
  }
  isRefusal(t, await admin.ask('GET', '/rules?version=none'), 'an unknown version', 404);
  isRefusal(t, await admin.ask('GET', '/rules?version=%00'), 'NUL', 400);
  const body = { to: 'none', version };
  isRefusal(t, await admin.ask('POST', '/rules/rollback', { body }), 'back to an unknown version', 404);
});

t.test('a large document is taken, an oversized one is not', async (t) => {
  const document = await rulesInForce();
  const rules = Array.from({ length: 900 }, (_, index) => ({
    allow: ['read'],
    filter: `long/topic/name/${index}`,
  }));
  const large = { ...document, roles: { ...document.roles, large: { permissions: [], rules } } };

  t.equal((await admin.ask('PUT', '/rules', { body: large })).status, 200);
  const raw = `{"version":"x","roles":{}${' '.repeat(1_048_577)}}`;
  isRefusal(t, await admin.ask('PUT', '/rules', { raw }), 'over 1 MiB', 413);
  isRefusal(t, await admin.ask('POST', '/devices', { raw: `{"id":"a"${' '.repeat(17_000)}}` }), '17 KB', 413);
});
