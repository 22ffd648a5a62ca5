import t, { type Test } from 'tap';
import { reserveFreePort } from '../../services/stack/ports.ts';
import { clientsKey, sessionKey } from '../../services/core/redis/keys.ts';
import { startBrokerStage, type BrokerStage } from '../support/broker-stage.ts';
import { startClusterFor, type ClusterStage } from '../support/cluster-stage.ts';
import { writeCheck } from '../support/holder-stage.ts';
import { startService } from '../support/session-service.ts';
import { until } from '../support/until.ts';
import type { SignedIn } from '../support/webhook-service.ts';
import { needsCluster } from '../support/test-redis.ts';

const sessionsWanted = 24;

t.test(
  'a cluster with two session services, two webhook services and two brokers',
  needsCluster,
  async (t) => {
    const servers = await startClusterFor(t);
    const { brokers, services } = await startAll(t, servers);
    const [first] = brokers;

    await t.test(
      'whom one session service signs in connects everywhere, and whom the other ends is out everywhere',
      async (t) => {
        const { person, session_id: sid, access_token: token } = await services[0].signInSomebody();
        const signedIn = { uid: '', sid, username: person.username, clientId: sid, token, accessUntilMs: 0 };
        const clients = await Promise.all(
          brokers.map((broker, index) => broker.connect({ ...signedIn, clientId: `${sid}-${index}` })),
        );

        t.match(await services[1].ask('DELETE', `/api/auth/sessions/${sid}`, { token }), { status: 200 });

        for (const broker of brokers) t.match(await broker.askAcl(writeCheck(signedIn)), { status: 403 });
        for (const client of clients) while ((await client.next()) !== 'closed');
        await until(async () => (await first.store.redis.exists(clientsKey(sid))) === 0, {
          what: 'kicked clients are forgotten',
        });
        t.match(await services[0].ask('GET', '/api/auth/me', { token }), { status: 401 });
      },
    );

    await t.test(
      'a primary dies while checks run: what was ended stays ended, all else goes on',
      async (t) => {
        const sessions = await signInMany(first);
        const ended = new Set<SignedIn>();
        const watch = watchChecks(brokers, sessions, ended);
        await endEveryThird(services, sessions.slice(0, sessionsWanted / 2), ended);
        const victim = sessions.find((each) => !ended.has(each)) as SignedIn;
        const old = await servers.primaryOf(sessionKey(victim.sid));

        await old.kill();
        await servers.untilPromoted(old, sessionKey(victim.sid));
        const promotedMs = performance.now();
        for (const broker of brokers)
          await until(async () => (await broker.askAcl(writeCheck(victim))).status === 200, {
            what: 'a grant',
          });
        t.ok(performance.now() - promotedMs < 3000, 'the services found the new primary by themselves');
        await old.start();
        await servers.untilReplicated();
        await endEveryThird(services, sessions.slice(sessionsWanted / 2), ended);
        const { checks, wrong } = await watch.stop();

        t.ok(checks > 100, `${checks} checks`);
        t.same(wrong, [], 'no check that began after an acknowledged end was granted');
        for (const session of sessions) {
          const expected = ended.has(session) ? 403 : 200;
          for (const broker of brokers) t.equal((await broker.askAcl(writeCheck(session))).status, expected);
        }
      },
    );

    await t.test('nothing that the services and the command line asked for was refused', async (t) => {
      for (const node of servers.nodes) t.same(await servers.refusals(node), [], node.name);
    });
  },
);

type Services = [Service, Service];
type Service = Awaited<ReturnType<typeof startService>>;

async function startAll(t: Test, servers: ClusterStage) {
  const ports = await Promise.all([reserveFreePort(), reserveFreePort()]);
  t.teardown(() => ports.forEach(({ release }) => release()));
  const BROKER_URLS = ports.map(({ port }) => `mqtt://127.0.0.1:${port}`).join();
  const start = (index: 0 | 1, settings: Record<string, string>) =>
    startBrokerStage(t, {
      ...{ parts: ['webhook', 'mosquitto'], servers },
      ports: { mqtt: ports[index].port },
      settings: { webhook: { BROKER_URLS, ...settings } },
    });
  const first = await start(0, {});
  const shared = { VERIFICATION_KEYS_FILE: first.stack.secrets.files.verificationKeys, ISSUER: first.issuer };
  const second = await start(1, shared);
  const settings = { ISSUER: first.issuer, REDIS_REPLICAS_REQUIRED: '1' };
  const services: Services = [
    await startService(t, first.stack, settings),
    await startService(t, first.stack, settings),
  ];
  return { brokers: [first, second] as [BrokerStage, BrokerStage], services };
}

async function signInMany({ signIn }: BrokerStage): Promise<SignedIn[]> {
  const sessions: SignedIn[] = [];
  for (let i = 0; i < sessionsWanted; i += 1) sessions.push(await signIn());
  return sessions;
}

/** Ends sessions as their owners do, by turns at both services, and notes those whose end was acknowledged. */
async function endEveryThird(
  services: Services,
  sessions: readonly SignedIn[],
  ended: Set<SignedIn>,
): Promise<void> {
  for (const [index, session] of sessions.entries()) {
    if (index % 3 > 0) continue;
    const service = services[index % 2] as Service;
    const end = () => service.ask('DELETE', `/api/auth/sessions/${session.sid}`, { token: session.token });
    await until(async () => [200, 204, 401].includes((await end()).status), { what: 'an acknowledged end' });
    ended.add(session);
  }
}

/** Asks both webhook services about all sessions again and again. */
function watchChecks(
  brokers: readonly BrokerStage[],
  sessions: readonly SignedIn[],
  ended: ReadonlySet<SignedIn>,
) {
  let stopped = false;
  let checks = 0;
  const wrong: string[] = [];

  async function ask(broker: BrokerStage): Promise<void> {
    while (!stopped) {
      for (const session of sessions) {
        const wasEnded = ended.has(session);
        const { status } = await broker.askAcl(writeCheck(session));
        checks += 1;
        if (wasEnded && status === 200) wrong.push(session.sid);
        if (![200, 403, 503].includes(status)) wrong.push(`${status}`);
      }
    }
  }

  const asked = Promise.all(brokers.map(ask));
  return {
    async stop() {
      stopped = true;
      await asked;
      return { checks, wrong };
    },
  };
}
