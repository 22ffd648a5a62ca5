import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { setRoles } from '../../services/core/accounts/set-roles.ts';
import { disableDevice } from '../../services/core/devices/change-device.ts';
import { revokeAllSessions } from '../../services/core/sessions/revoke-sessions.ts';
import { slotOf } from '../../services/webhook/decision-cache/layout.ts';
import { addDevice } from '../support/devices.ts';
import {
  metricOf,
  startHolder,
  startHolders,
  untilHolding,
  untilUndisturbed,
  writeCheck,
} from '../support/holder-stage.ts';
import { openRememberedGrants } from '../support/remembered-grants.ts';
import { until } from '../support/until.ts';
import type { SignedIn, WebhookStage } from '../support/webhook-service.ts';

const folder = mkdtempSync('/dev/shm/bednet-test-');
t.teardown(() => rmSync(folder, { recursive: true }));
const counterFile = join(folder, 'counters');

const leaseMs = 10_000;
const stage = await startHolders(t, 1, {
  ...{ COUNTER_FILE: counterFile, BROKER_HOOKS: 'emqx', LEASE_MS: `${leaseMs}` },
});
const { store } = stage;
const holder = stage.holders[0] as WebhookStage;
const grants = openRememberedGrants(t, counterFile);
const by = { reason: 'test', actor: 'operator' };

type Check = ReturnType<typeof writeCheck>;

/** Asks as the plugin does. Returns whether the grant is remembered by now. */
async function askAndRemember(check: Check): Promise<boolean> {
  const before = grants.snapshot(check.clientid);
  const { status, offer } = await holder.askAcl(check);
  if (status !== 200) throw new Error(`answered ${status}`);
  return grants.keep(check.clientid, { clientId: check.clientid, header: offer, before });
}

async function signInRemembered(t: Test): Promise<Check> {
  const check = writeCheck(await stage.signIn());
  t.equal(await askAndRemember(check), true);
  t.equal(grants.has(check.clientid), true);
  return check;
}

t.test('a grant is offered until the access token ends, and no longer', async (t) => {
  const session = await stage.signIn({ accessTtlSeconds: 600 });
  const { offer = '' } = await holder.askAcl(writeCheck(session));
  const mostMs = session.accessUntilMs - Date.now();
  const nowNs = process.hrtime.bigint();
  const leastMs = session.accessUntilMs - Date.now() - leaseMs;
  const [version, epoch, slot, until] = offer.split(' ');

  t.equal(version, '1');
  t.match(epoch, /^[0-9a-f]{16}$/);
  t.equal(Number(slot), slotOf(session.clientId));
  const aheadMs = Number(BigInt(until ?? 0) - nowNs) / 1e6;
  t.ok(aheadMs <= mostMs && aheadMs > leastMs, `${aheadMs} of ${mostMs} ms`);
  t.ok(offer.length < 80);
});

t.test('denials, sign-ins, other brokers and tokens as usernames are never offered', async (t) => {
  const session = await stage.signIn();
  const check = writeCheck(session);
  t.type((await holder.askAcl(check)).offer, 'string');

  const { username, token: password, clientId: clientid } = session;
  const others = [
    await holder.askAcl({ ...check, topic: 'users/other/x' }),
    await holder.askUser({ username, password, clientid }),
    await holder.ask('/acl', { json: check, bearer: password }),
    await holder.ask('/emqx/authorize', {
      json: { username, clientid, topic: check.topic, action: 'publish' },
    }),
    await stage.askAcl(check),
  ];
  t.same(
    others.map(({ status }) => status),
    [403, 200, 200, 200, 200],
  );
  t.same(
    others.map(({ offer }) => offer),
    others.map(() => undefined),
  );
});

t.test(
  'a device whose id looks like a session id is asked about each time, another one is not',
  async (t) => {
    const [odd, plain] = [await addDevice(store, { id: 'A'.repeat(22) }), await addDevice(store)];
    await untilUndisturbed(stage, [holder]);
    const ask = (id: string) =>
      holder.askAcl({ username: `d:${id}`, clientid: id, topic: `devices/${id}/x`, acc: 2 });

    for (const { id, key } of [odd, plain]) {
      await holder.askUser({ username: `d:${id}`, password: key, clientid: id });
    }

    t.match(await ask(odd.id), { status: 200, offer: undefined });
    t.match(await ask(plain.id), { status: 200, offer: /^1 / });
  },
);

const endings: [name: string, end: (session: SignedIn) => Promise<unknown>][] = [
  ['revoked', (session) => stage.revoke(session)],
  ['of an account that ends all its sessions', ({ uid }) => revokeAllSessions(store, { uid, ...by })],
  ['of an account that is disabled', (session) => stage.disable(session)],
  ['of an account that loses its role', ({ uid }) => setRoles(store, { uid, roles: [], ...by })],
];

for (const [name, end] of endings) {
  t.test(
    `nothing is remembered of a session that was ${name}, 50 times while it is asked about`,
    async (t) => {
      for (let i = 0; i < 50; i += 1) {
        const session = await stage.signIn();
        const check = writeCheck(session);
        await askAndRemember(check);
        let isOver = false;
        const asking = (async () => {
          while (!isOver) await askAndRemember(check).catch(() => false);
        })();

        await end(session);
        const isRemembered = grants.has(check.clientid);
        isOver = true;
        await asking;

        if (isRemembered || grants.has(check.clientid)) t.fail(`round ${i}`);
      }
      t.end();
    },
  );
}

t.test('nothing is remembered of a device that was disabled', async (t) => {
  const { id, key } = await addDevice(store);
  await untilUndisturbed(stage, [holder]);
  const check = { username: `d:${id}`, clientid: `${id}.1`, topic: `devices/${id}/x`, acc: 2 };
  t.equal(await askAndRemember(check), false, 'not before it has signed in');
  await holder.askUser({ username: check.username, password: key, clientid: check.clientid });
  t.equal(await askAndRemember(check), true);
  t.equal(grants.has(check.clientid), true);

  await disableDevice(store, { id, ...by });

  t.equal(grants.has(check.clientid), false);
});

t.test('a lost lease voids what is remembered', async (t) => {
  const check = await signInRemembered(t);
  await store.redis.client('KILL', 'USER', 'webhook');
  await until(() => !grants.has(check.clientid), { what: 'the grant is void' });
  await untilHolding(holder);
  await until(async () => (await holder.askAcl(check)).status === 200, { what: 'Redis reached again' });
  t.equal(await askAndRemember(check), true);
  t.equal(grants.has(check.clientid), true);
});

t.test('what is pushed out of the memory is void', async (t) => {
  const path = join(folder, 'small');
  const small = await startHolder(t, stage, {
    ...{ COUNTER_FILE: path, NEAR_CACHE_BYTES: '100000', LEASE_MS: `${leaseMs}` },
  });
  const remembered = openRememberedGrants(t, path);
  const check = writeCheck(await stage.signIn());
  await untilHolding(small);
  const before = remembered.snapshot(check.clientid);
  const { offer } = await small.askAcl(check);
  t.equal(remembered.keep('x', { clientId: check.clientid, header: offer, before }), true);
  t.equal(remembered.has('x'), true);

  for (let i = 0; i < 1000; i += 1)
    await small.askAcl({ ...check, clientid: `${'A'.repeat(16)}${String(i).padStart(6, '0')}` });

  t.equal(remembered.has('x'), false);
});

t.test(
  '10,000 client ids of one session: a bounded number is offered, and the memory stays small',
  async (t) => {
    const session = await stage.signIn();
    const before = await metricOf(holder, 'bednet_near_cache_bytes');
    const startMs = performance.now();
    let offered = 0;
    for (let i = 0; i < 10_000; i += 1) {
      const clientId = `${session.sid}-${i}`;
      const { status, offer } = await holder.askAcl(writeCheck({ ...session, clientId }));
      if (status !== 200) t.fail(`${i}`);
      if (offer !== undefined) offered += 1;
    }

    const minutes = (performance.now() - startMs) / 60_000;
    t.ok(offered >= 64 && offered <= 64 * (3 + minutes), `${offered} offered (64 a minute)`);
    t.ok((await metricOf(holder, 'bednet_near_cache_bytes')) - before < 10_000);
    t.ok((await metricOf(holder, 'bednet_decision_cache_offers_total{outcome="too-many-clients"}')) > 9000);
    await stage.revoke(session);
    const last = writeCheck({ ...session, clientId: `${session.sid}-9999` });
    t.equal((await holder.askAcl(last)).reason, 'session-revoked');
  },
);
