import type { Test } from 'tap';
import { issueTicket } from '../../services/webhook/kick/tickets.ts';
import { addDevice } from './devices.ts';
import type { HookBroker, HookClient, Question, Verdict } from './hook-brokers.ts';
import { until } from './until.ts';
import { startWebhookStage, type SignedIn, type WebhookStage } from './webhook-service.ts';

/** The webhook service with one broker's hook, and that broker's view of its answers. */
export interface HookStage extends WebhookStage {
  verdict(question: Question): Promise<Verdict>;
}

/** A client of a session. */
export const clientOf = ({ username, token, clientId }: SignedIn): HookClient => ({
  ...{ username, password: token, clientId },
});

/** Starts the webhook service with the hook of `broker`. */
export async function startHookStage(t: Test, broker: HookBroker): Promise<HookStage> {
  const settings = { webhook: { BROKER_URLS: '', BROKER_HOOKS: broker.name } };
  const stage = await startWebhookStage(t, { settings });
  const verdict = async ({ path, asked }: Question) => broker.read(await stage.ask(path, asked));
  return { ...stage, verdict };
}

/** What all hooks have in common with the checks of Mosquitto. */
export function testHookBehaviours(t: Test, stage: HookStage, broker: HookBroker): void {
  const { verdict } = stage;

  t.test('a session has its own topics and no others', async (t) => {
    const alice = await stage.signIn();
    const client = clientOf(alice);
    const own = `users/${alice.username}`;

    t.equal(await verdict(broker.connect(client)), 'grant');
    t.equal(await verdict(broker.connect({ ...client, clientId: `${alice.sid}-tab2` })), 'grant', 'suffix');
    t.equal(await verdict(broker.publish(client, `${own}/x`)), 'grant');
    t.equal(await verdict(broker.subscribe(client, `${own}/+/x`)), 'grant');
    t.equal(await verdict(broker.subscribe(client, `${own}/#`)), 'grant');
    t.equal(await verdict(broker.publish(client, 'users/bob/x')), 'denial');
    t.equal(await verdict(broker.subscribe(client, 'users/bob/#')), 'denial');
    t.equal(await verdict(broker.subscribe(client, 'users/+/x')), 'denial', 'only a part is allowed');
    t.equal(await verdict(broker.subscribe(client, '#')), 'denial');
    t.equal(await verdict(broker.publish(client, '$SYS/x')), 'denial');
  });

  t.test('a wrong password, username or client id is denied', async (t) => {
    const [alice, bob] = [await stage.signIn(), await stage.signIn()];
    const client = clientOf(alice);

    t.equal(await verdict(broker.connect({ ...client, password: 'wrong' })), 'denial');
    t.equal(await verdict(broker.connect({ ...client, password: '' })), 'denial');
    t.equal(await verdict(broker.connect({ ...client, username: '' })), 'denial');
    t.equal(await verdict(broker.connect({ ...client, username: bob.username })), 'denial');
    t.equal(await verdict(broker.connect({ ...client, clientId: bob.clientId })), 'denial');
    t.equal(await verdict(broker.connect({ ...client, clientId: '' })), 'denial', 'no client id');
    t.equal(await verdict(broker.connect({ ...client, clientId: 'generated-by-broker' })), 'denial');
    t.equal(
      await verdict(broker.publish({ ...client, clientId: bob.clientId }, `users/${alice.username}/x`)),
      'denial',
    );
  });

  t.test('a revoked session is denied at the next question of any kind', async (t) => {
    const alice = await stage.signIn();
    const client = clientOf(alice);
    const own = `users/${alice.username}/x`;
    const questions = [broker.connect(client), broker.publish(client, own), broker.subscribe(client, own)];
    for (const question of questions) t.equal(await verdict(question), 'grant');

    await stage.revoke(alice);

    for (const question of questions) t.equal(await verdict(question), 'denial');
    const again = await stage.signInAgain(alice);
    t.equal(await verdict(broker.connect(clientOf(again))), 'grant', 'another session of the account lives');
    await stage.disable(again);
    t.equal(await verdict(broker.connect(clientOf(again))), 'denial');
  });

  t.test('a device has its own topics and no others', async (t) => {
    const { id, username, key } = await addDevice(stage.store);
    const client = { username, password: key, clientId: `${id}.1` };

    t.equal(await verdict(broker.connect(client)), 'grant');
    t.equal(await verdict(broker.publish(client, `devices/${id}/x`)), 'grant');
    t.equal(await verdict(broker.publish(client, 'devices/other/x')), 'denial');
    t.equal(await verdict(broker.connect({ ...client, password: `${key}x` })), 'denial');
    t.equal(await verdict(broker.connect({ ...client, clientId: 'other' })), 'denial');
  });

  t.test('a kick is let in once, for one client id, and may touch no topic', async (t) => {
    const alice = await stage.signIn();
    const ticket = (await issueTicket(stage.store, alice.clientId)) ?? '';
    const kick = { username: 'k:kick', password: ticket, clientId: alice.clientId };

    t.equal(await verdict(broker.connect({ ...kick, clientId: `${alice.clientId}-x` })), 'denial');
    t.equal(await verdict(broker.connect(kick)), 'grant');
    t.equal(await verdict(broker.connect(kick)), 'denial', 'the ticket is used');
    t.equal(await verdict(broker.publish(kick, `users/${alice.username}/x`)), 'denial');
    t.equal(await verdict(broker.subscribe(kick, `users/${alice.username}/x`)), 'denial');
  });

  t.test('nobody is told anything without the broker key', async (t) => {
    const client = clientOf(await stage.signIn());
    const own = `users/${client.username}/x`;

    for (const question of [
      broker.connect(client),
      broker.publish(client, own),
      broker.subscribe(client, own),
    ]) {
      const { path, asked } = question;
      const keyless = { ...asked, key: 'none' } as const;
      const answers = [
        [await stage.ask(path, keyless), 'broker-key-missing'],
        [await stage.ask(path, { ...keyless, query: 'key=wrong' }), 'broker-key-wrong'],
        [await stage.ask(path, { ...keyless, query: 'key=a&key=b' }), 'broker-key-wrong'],
      ] as const;
      for (const [answer, reason] of answers) {
        t.equal(broker.read(answer), 'denial', `${path}: ${reason}`);
        t.equal(answer.reason, reason);
      }
      t.equal(broker.read(await stage.ask(path, { ...asked, key: 'header' })), 'grant', 'key in the header');
      t.equal(broker.read(await stage.ask(path, { ...asked, key: 'query' })), 'grant', 'key in the query');
    }
  });

  t.test('malformed questions are denied, and the broker reads them as denials', async (t) => {
    const client = clientOf(await stage.signIn());
    for (const { path, asked } of [broker.connect(client), broker.publish(client, 'a')]) {
      const headers = { ...asked.headers, 'content-type': asked.form ? formType : 'application/json' };
      const base = { headers, ...(asked.key && { key: asked.key }) };
      for (const body of ['', 'null', '{', '[]', '{}', '\xff', 'username=a&username=b', '{"username":1}']) {
        const answer = await stage.ask(path, { ...base, body: Buffer.from(body, 'latin1') });
        t.equal(broker.read(answer), 'denial', `${path}: ${JSON.stringify(body)}: ${answer.reason}`);
      }
      for (const length of [20_000, 3_000_000]) {
        const body = asked.form ? `username=${'a'.repeat(length)}` : `{"username":"${'a'.repeat(length)}"}`;
        const answer = await stage.ask(path, { ...base, body });
        t.equal(broker.read(answer), 'denial', `${length} bytes`);
        t.equal(answer.reason, 'body-too-large');
      }
    }
  });

  t.test('nobody is let in while Redis is away', async (t) => {
    const client = clientOf(await stage.signIn());
    const own = `users/${client.username}/x`;
    const questions = [broker.connect(client), broker.publish(client, own), broker.subscribe(client, own)];

    await stage.stack.part('redis').kill();
    for (const question of questions) t.equal(await verdict(question), broker.outage);

    await stage.stack.part('redis').start();
    await until(async () => (await verdict(broker.publish(client, own))) === 'grant');
    await until(() => stage.store.redis.status === 'ready', { what: "the test's own way to Redis" });
  });
}

const formType = 'application/x-www-form-urlencoded';
