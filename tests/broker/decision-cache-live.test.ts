import t, { type Test } from 'tap';
import { setRoles } from '../../services/core/accounts/set-roles.ts';
import { readRulesInForce } from '../../services/core/rules/read-rules.ts';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { revokeAllSessions } from '../../services/core/sessions/revoke-sessions.ts';
import {
  doesReach,
  grantsBy,
  mayPublish,
  maySubscribe,
  startDecisionStage,
  untilRemembered,
} from '../support/decision-stage.ts';
import { metricOf } from '../support/holder-stage.ts';
import type { RawClient } from '../support/mqtt-outcomes.ts';
import { until } from '../support/until.ts';
import type { SignedIn } from '../support/webhook-service.ts';

/** Nobody is kicked here: each refusal is the check's own, though grants of before are in the broker's memory. */
const stage = await startDecisionStage(t);
const { store } = stage;
const by = { reason: 'test', actor: 'operator' };
const lamp = await stage.add();
const witness = await stage.connectDevice(lamp);

/** What the broker remembers of a client: that it may publish, subscribe, and be given what others publish. */
async function warm(client: RawClient): Promise<void> {
  await untilRemembered([stage], async () => {
    if (!(await mayPublish(client, 'room/a'))) throw new Error('not granted');
    if (!(await maySubscribe(client, 'room/b'))) throw new Error('not granted');
    if (!(await doesReach(witness, client, 'room/b'))) throw new Error('not delivered');
  });
}

async function assertOut(t: Test, client: RawClient): Promise<void> {
  t.equal(await mayPublish(client, 'room/a'), false, 'publish');
  t.equal(await maySubscribe(client, 'room/b'), false, 'subscribe');
  t.equal(await doesReach(witness, client, 'room/b'), false, 'delivery');
}

t.test('what was granted once is granted again without asking', async (t) => {
  const client = await stage.connect(await stage.signIn());
  await warm(client);
  const countAsked = async () => {
    const before = await grantsBy(stage);
    for (let i = 0; i < 50; i += 1) t.equal(await mayPublish(client, 'room/a'), true);
    return (await grantsBy(stage)) - before;
  };
  // More only where another client has the same slot, or a lease of a second was not renewed in time.
  await until(async () => (await countAsked()) < 5, { what: '50 grants, nearly all of them from memory' });
  await client.leave();
});

/** All ways in which a session loses its rights while it is connected. */
const sessionEndings: [name: string, end: (session: SignedIn) => Promise<unknown>][] = [
  ['is revoked', (session) => stage.revoke(session)],
  ['is one of an account that ends them all', ({ uid }) => revokeAllSessions(store, { uid, ...by })],
  ['is of an account that is disabled', (session) => stage.disable(session)],
  ['is of an account that loses its role', ({ uid }) => setRoles(store, { uid, roles: [], ...by })],
];

for (const [name, end] of sessionEndings) {
  t.test(`a session that ${name} is refused its next publish, subscription and delivery`, async (t) => {
    for (let i = 0; i < 10; i += 1) {
      const session = await stage.signIn();
      const client = await stage.connect(session);
      await warm(client);
      await end(session);
      await assertOut(t, client);
      await client.leave();
    }
  });
}

const deviceEndings: [name: string, end: (device: typeof lamp) => Promise<unknown>][] = [
  ['disabled', (device) => stage.disableDevice(device)],
  ['deleted', (device) => stage.deleteDevice(device)],
  ['given a new key at once', (device) => stage.rotate(device, 0)],
];

for (const [name, end] of deviceEndings) {
  t.test(`a device that is ${name} is refused its next publish, subscription and delivery`, async (t) => {
    for (let i = 0; i < 5; i += 1) {
      const device = await stage.add();
      const client = await stage.connectDevice(device);
      await warm(client);
      await end(device);
      await assertOut(t, client);
      await client.leave();
    }
  });
}

t.test('a change of rules counts at the next check, in both directions', async (t) => {
  const client = await stage.connect(await stage.signIn());
  for (let i = 0; i < 5; i += 1) {
    await warm(client);
    const inForce = await readRulesInForce(store);
    if (!('document' in inForce)) throw new Error('the rules are broken');
    const { version, roles } = inForce.document;
    const narrow = { ...roles, user: { permissions: [], rules: [] } };
    const narrowed = await replaceRules(store, { version, roles: narrow }, { actor: 'test' });
    await assertOut(t, client);
    await replaceRules(store, { version: narrowed.version, roles }, { actor: 'test' });
    t.equal(await mayPublish(client, 'room/a'), true);
  }
  await client.leave();
});

t.test('a session that does not renew is refused when its access ends, by the clock of Redis', async (t) => {
  const session = await stage.signIn({ accessTtlSeconds: 5 });
  const client = await stage.connect(session);
  const nowMs = async () => {
    const [seconds = 0, microseconds = 0] = (await store.redis.time()).map(Number);
    return seconds * 1000 + microseconds / 1000;
  };
  const asked = await grantsBy(stage);
  let granted = 0;
  for (let isGranted = true; isGranted;) {
    const startedMs = await nowMs();
    isGranted = await mayPublish(client, 'room/a');
    if (isGranted) granted += 1;
    if (isGranted && startedMs >= session.accessUntilMs)
      t.fail(`${startedMs - session.accessUntilMs} ms late`);
  }
  t.ok((await nowMs()) >= session.accessUntilMs, 'nor is it cut short');
  t.ok((await grantsBy(stage)) - asked < granted / 2, 'most were granted from memory');
  await client.leave();
});

t.test('another client of a revoked session is out as well, others are not', async (t) => {
  const session = await stage.signIn();
  const other = await stage.signInAgain(session);
  const clients = [];
  for (const suffix of ['', '-1', '-2'])
    clients.push(await stage.connect({ ...session, clientId: session.sid + suffix }));
  const bystander = await stage.connect(other);
  for (const client of [...clients, bystander]) await warm(client);

  await stage.revoke(session);

  for (const client of clients) await assertOut(t, client);
  t.equal(await mayPublish(bystander, 'room/a'), true);
  t.ok((await metricOf(stage, 'bednet_decision_cache_bumps_total{kind="slot"}')) > 0);
  for (const client of [...clients, bystander]) await client.leave();
});
