import t from 'tap';
import { purgeAccount } from '../../services/core/accounts/purge-account.ts';
import { createDevice, deleteDevice } from '../../services/core/devices/change-device.ts';
import { findDevice } from '../../services/core/devices/device.ts';
import { deviceKey, ownedDevicesKey } from '../../services/core/redis/keys.ts';
import { letSignInAge, signInOperator } from '../support/admins.ts';
import { commandsOf } from '../support/count-work.ts';
import { isRefusal } from '../support/refusal.ts';
import { usedSecrets } from '../support/secret-watch.ts';
import { startSessionStage, type Asked } from '../support/session-service.ts';

const stage = await startSessionStage(t);
const { store, logLines } = stage;
const admin = await signInOperator(stage);
let count = 0;

/** Somebody with devices of their own. */
async function signInOwner(devices = 1) {
  const tokens = await stage.signInSomebody();
  const ids = Array.from({ length: devices }, () => `own-${(count += 1)}`);
  for (const id of ids) await create(id, tokens.user.id);
  const ask = (method: string, path: string, asked: Asked = {}) =>
    stage.ask(method, `/api/auth${path}`, { token: tokens.access_token, ...asked });
  return { ...tokens, ids, id: ids[0] ?? '', ask };
}
async function create(id: string, owner: string) {
  const key = await createDevice(store, { id, label: `the ${id}`, owner, roles: ['device'], actor: 'test' });
  if (key !== undefined) usedSecrets.note(key, 'device key');
  return key;
}
const acts = ['disable', 'enable', 'rotate-key'];

t.test('the owner sees the own devices, and no others', async (t) => {
  const owner = await signInOwner(2);
  const other = await signInOwner(1);

  const { status, body } = await owner.ask('GET', '/devices');

  t.equal(status, 200);
  t.same(body.data.devices.map(({ id }: { id: string }) => id).sort(), [...owner.ids].sort());
  t.match(body.data.devices[0], {
    label: `the ${owner.id}`,
    state: 'active',
    disabled_by: null,
    last_seen: null,
    clients: [],
  });
  t.equal('owner' in body.data.devices[0], false);
  t.equal((await other.ask('GET', '/devices')).body.data.devices.length, 1);
  t.same((await (await signInOwner(0)).ask('GET', '/devices')).body.data, { devices: [] });
});

t.test('devices are listed page by page, each once; a page costs as much as its limit', async (t) => {
  const owner = await signInOwner(7);

  const ids: string[] = [];
  let next: string | undefined = '';
  while (next !== undefined) {
    const page: string = next === '' ? '' : `&cursor=${next}`;
    const { body } = await owner.ask('GET', `/devices?limit=3${page}`);
    t.ok(body.data.devices.length <= 3);
    ids.push(...body.data.devices.map(({ id }: { id: string }) => id));
    next = body.data.next;
  }
  const work = async (limit: number) =>
    (await commandsOf(store, () => owner.ask('GET', `/devices?limit=${limit}`))).length;
  const [one, two, three] = [await work(1), await work(2), await work(3)];

  t.same([...ids].sort(), [...owner.ids].sort());
  t.ok(two - one > 0 && two - one <= 3, `${two - one} commands a device`);
  t.equal(three - two, two - one);
  for (const query of ['limit=0', 'limit=101', 'limit=x', 'cursor=a%2Fb', `cursor=${'a'.repeat(65)}`]) {
    isRefusal(t, await owner.ask('GET', `/devices?${query}`), query, 400);
  }
});

t.test('the owner disables and enables an own device', async (t) => {
  const { id, ask, user } = await signInOwner();

  t.equal((await ask('POST', `/devices/${id}/disable`)).status, 200);
  t.match((await ask('GET', '/devices')).body.data.devices, [{ state: 'disabled', disabled_by: 'self' }]);
  t.match(await store.redis.hgetall(deviceKey(id)), { reason: 'disabled-by-owner', actor: user.id });
  t.equal((await ask('POST', `/devices/${id}/disable`)).status, 200, 'twice is no error');
  t.equal((await ask('POST', `/devices/${id}/enable`)).status, 200);

  t.match((await ask('GET', '/devices')).body.data.devices, [{ state: 'active', disabled_by: null }]);
  const { activity } = (await ask('GET', '/activity')).body.data;
  t.match(activity, [{ event: 'device-enabled', device: id, by: 'self' }]);
});

t.test('the owner gives an own device a new key, which is shown once', async (t) => {
  const { id, ask } = await signInOwner();
  const before = await store.redis.hget(deviceKey(id), 'keyHash');

  const answer = await ask('POST', `/devices/${id}/rotate-key`, { body: { overlap_seconds: 60 } });
  const early = await ask('POST', `/devices/${id}/rotate-key`, { body: { overlap_seconds: 60 } });
  const list = await ask('GET', '/devices');

  const { key } = answer.body.data;
  t.match(key, /^[\w-]{43}$/);
  t.equal(answer.headers.get('cache-control'), 'no-store');
  t.match(early, { status: 409, code: 'RES_KEY_OVERLAP' });
  t.not(await store.redis.hget(deviceKey(id), 'keyHash'), before);
  t.match(list.body.data.devices, [{ old_key_until: /^20/ }]);
  t.notOk(list.text.includes(key));
  t.notOk(logLines.some((line) => line.includes(key)));
  t.equal((await ask('POST', `/devices/${id}/rotate-key`)).status, 200, 'without overlap it is cut short');
});

t.test('what an operator has disabled the owner cannot enable', async (t) => {
  const { id, ask } = await signInOwner();
  await admin.ask('POST', `/devices/${id}/disable`, { body: { reason: 'stolen' } });

  const refused = await ask('POST', `/devices/${id}/enable`);

  t.match(refused, { status: 403, code: 'AUTH_INSUFFICIENT_PERMISSIONS' });
  t.match((await ask('GET', '/devices')).body.data.devices, [{ state: 'disabled', disabled_by: 'operator' }]);
  t.equal((await ask('POST', `/devices/${id}/disable`)).status, 200, 'it is disabled already');
  t.equal((await ask('POST', `/devices/${id}/enable`)).status, 403, 'that made it nobody else’s order');
  t.equal((await findDevice(store, id))?.state, 'disabled');
  t.equal((await admin.ask('POST', `/devices/${id}/enable`)).status, 200);
});

t.test('an operator takes over what the owner has disabled', async (t) => {
  const { id, ask } = await signInOwner();
  await ask('POST', `/devices/${id}/disable`);
  await admin.ask('POST', `/devices/${id}/disable`, { body: { reason: 'stolen' } });

  t.equal((await ask('POST', `/devices/${id}/enable`)).status, 403);
  t.equal(await store.redis.hget(deviceKey(id), 'reason'), 'stolen');
});

t.test('somebody else’s device, one of nobody, a deleted and an unknown one answer alike', async (t) => {
  const { ask, id: own } = await signInOwner();
  const other = await signInOwner();
  await create('nobodys-lamp', '');
  const gone = await signInOwner();
  await deleteDevice(store, { id: gone.id, reason: 'test', actor: 'test' });

  for (const act of acts) {
    const bodies = new Set<string>();
    for (const id of [other.id, 'nobodys-lamp', gone.id, 'never-there']) {
      const answer = await ask('POST', `/devices/${id}/${act}`);
      t.match(answer, { status: 404, code: 'RES_NOT_FOUND' }, `${act} ${id}`);
      bodies.add(JSON.stringify([answer.body.error, answer.body.message]));
    }
    t.equal(bodies.size, 1, act);
  }
  t.match(await findDevice(store, other.id), { state: 'active', oldKeyUntilMs: 0 });
  t.equal((await ask('POST', `/devices/${own}/disable`)).status, 200, 'the twin');
  t.same((await gone.ask('GET', '/devices')).body.data.devices, []);
  t.match(await gone.ask('POST', `/devices/${gone.id}/disable`), { status: 404 });
});

t.test('changes need a live and fresh session', async (t) => {
  const owner = await signInOwner();
  await letSignInAge(store, owner.session_id, 301);

  for (const act of acts) {
    const path = `/devices/${owner.id}/${act}`;
    t.match(await owner.ask('POST', path), { status: 403, code: 'AUTH_STEP_UP_REQUIRED' }, act);
    t.match(await stage.ask('POST', `/api/auth${path}`), { status: 401, code: 'AUTH_UNAUTHORIZED' }, act);
  }
  t.equal((await owner.ask('GET', '/devices')).status, 200, 'reading does not');
  t.equal((await stage.ask('GET', '/api/auth/devices')).status, 401);
  for (const id of ['a%2Fb', 'a%00', '%23', 'x'.repeat(65)]) {
    isRefusal(t, await owner.ask('POST', `/devices/${id}/disable`), id, 400);
  }
});

t.test('a device that comes back as somebody else’s is not the first owner’s any more', async (t) => {
  const first = await signInOwner();
  const second = await signInOwner(0);
  await deleteDevice(store, { id: first.id, reason: 'test', actor: 'test' });
  t.equal(await store.redis.zcard(ownedDevicesKey(first.user.id)), 0, 'off the list');
  // As a crash leaves it.
  await store.redis.zadd(ownedDevicesKey(first.user.id), 0, first.id);
  await create(first.id, second.user.id);

  t.same((await first.ask('GET', '/devices')).body.data.devices, []);
  t.match(await first.ask('POST', `/devices/${first.id}/disable`), { status: 404 });
  t.match((await second.ask('GET', '/devices')).body.data.devices, [{ id: first.id }]);
});

t.test('deleting and creating one id at once ends with the list as the device is', async (t) => {
  const { id, ask, user } = await signInOwner();
  const work = (index: number) =>
    index % 2 === 0 ? deleteDevice(store, { id, reason: 'test', actor: 'test' }) : create(id, user.id);

  await Promise.all(Array.from({ length: 40 }, (_, index) => work(index)));

  const isThere = (await findDevice(store, id)) !== undefined;
  t.equal((await ask('GET', '/devices')).body.data.devices.length, isThere ? 1 : 0);
});

t.test('a purged account leaves no list behind; its devices work on', async (t) => {
  const { id, ask, user } = await signInOwner();
  await ask('DELETE', '/me');

  await purgeAccount(store, { uid: user.id, actor: 'test', atOnce: true });

  t.equal(await store.redis.exists(ownedDevicesKey(user.id)), 0);
  t.match(await findDevice(store, id), { state: 'active' });
});
