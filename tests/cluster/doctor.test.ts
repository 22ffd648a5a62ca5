import t, { type Test } from 'tap';
import { examine } from '../../services/cli/commands/doctor.ts';
import type { Finding } from '../../services/cli/doctor/finding.ts';
import { rulesKey } from '../../services/core/redis/keys.ts';
import { askRedis } from '../support/ask-redis.ts';
import { startClusterFor } from '../support/cluster-stage.ts';
import { untilHolding } from '../support/holder-stage.ts';
import type { RedisGroup } from '../support/redis-group.ts';
import { redisPasswords } from '../support/redis-node.ts';
import { startSentinelsFor } from '../support/sentinel-stage.ts';
import { startTestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { startWebhookStage } from '../support/webhook-service.ts';
import { needsCluster } from '../support/test-redis.ts';

t.test('doctor knows Sentinels, their replicas, and whether a near cache is safe with them', async (t) => {
  const servers = await startSentinelsFor(t);
  const lookAt = await openDoctor(t, servers);

  await t.test('nothing is wrong with a set-up as the documents have it', async (t) => {
    const { notes, find } = await lookAt();

    t.same(notes, []);
    t.match(find('redis-sentinels'), { found: /^3 Sentinels agree .*:\d+, and could lead a fail-over/ });
    t.match(find('redis-topology'), { found: /primary of bednet, with 1 replicas/ });
    t.match(find('redis-replicas'), { found: /^1 replicas are connected, 1 required/ });
  });

  await t.test('a near cache whose lease no replica knows of is named', async (t) => {
    const settings = { webhook: { BROKER_URLS: '', NEAR_CACHE: 'on' } };
    await untilHolding(await startWebhookStage(t, { parts: ['webhook'], servers, settings }));

    const { notes, find } = await lookAt();

    t.same(notes, ['near-cache warn']);
    t.match(find('near-cache'), { found: /stale grants/, change: /REDIS_REPLICAS_REQUIRED/ });
  });

  await t.test('too few replicas asked for are named', async (t) => {
    t.same((await lookAt({ REDIS_REPLICAS_REQUIRED: '0' })).notes, ['redis-replicas warn']);
  });

  await t.test('a Sentinel that anybody can command is named', async (t) => {
    const [first] = servers.sentinels;
    const url = `redis://:${redisPasswords.sentinel}@127.0.0.1:${first?.port}`;
    await askRedis(url, (redis) => redis.acl('SETUSER', 'default', 'nopass'));
    t.teardown(() =>
      askRedis(url, (redis) => redis.acl('SETUSER', 'default', 'resetpass', `>${redisPasswords.sentinel}`)),
    );

    const { notes, find } = await lookAt();

    t.same(notes, ['redis-sentinel-password fault']);
    t.match(find('redis-sentinel-password'), { found: new RegExp(`^127.0.0.1:${first?.port} `) });
  });

  await t.test('Sentinels that are away are named, and when no fail-over can be', async (t) => {
    const [first, second] = servers.sentinels;
    await first?.kill();
    t.same((await lookAt()).notes, ['redis-sentinels warn']);

    await second?.kill();
    const { notes, find } = await lookAt();

    t.same(notes, ['redis-sentinels fault']);
    t.match(find('redis-sentinels'), { found: /^1 of 3 Sentinels answer; .*ECONNREFUSED/ });
    await Promise.all([first?.start(), second?.start()]);
    await until(async () => (await lookAt()).notes.length === 0, { what: 'all Sentinels are known again' });
  });

  await t.test('a replica that is away is named', async (t) => {
    const [replica] = await servers.replicas();
    await replica?.kill();

    t.match(await lookAt(), { notes: ['redis-replicas fault'] });
  });
});

t.test('doctor knows a cluster and each of its primaries', needsCluster, async (t) => {
  const servers = await startClusterFor(t);
  const lookAt = await openDoctor(t, servers);

  await t.test('nothing is wrong with a set-up as the documents have it', async (t) => {
    const { notes, find, findings } = await lookAt();

    t.same(notes, []);
    t.match(find('redis-topology'), { found: 'A Redis Cluster of 3 primaries with 1, 1, 1 replicas.' });
    t.equal(findings.filter(({ check }) => check === 'redis-persistence').length, 3, 'each by itself');
  });

  const primary = await servers.primaryOf(rulesKey);
  await t.test('a node that answers without a password is named', async (t) => {
    const url = servers.directUrl(primary);
    await askRedis(url, (redis) => redis.acl('SETUSER', 'default', 'on', 'nopass'));
    const { notes, findings } = await lookAt();
    await askRedis(url, (redis) => redis.acl('SETUSER', 'default', 'off', 'resetpass'));

    t.same(notes, ['redis-default-user fault']);
    const [open] = findings.filter(({ severity }) => severity === 'fault');
    t.match(open, { found: new RegExp(`^127.0.0.1:${primary.port}: Redis answers without`) });
  });

  await t.test('a primary without its replica, and slots without a primary, are named', async (t) => {
    const replica = await servers.replicaOf(rulesKey);
    await replica.kill();
    t.same((await lookAt()).notes, ['redis-replicas fault', 'redis-topology warn']);

    await primary.kill();
    const isNoticed = async () => (await lookAt()).notes.join() === 'redis fault,redis-topology fault';
    await until(isNoticed, { what: 'slots without a primary' });
  });
});

interface Look {
  /** `check severity` of all that is not in order with Redis, sorted. */
  notes: string[];
  findings: Finding[];
  find(check: string): Finding | undefined;
}

/** Doctor for a group of servers; what it says of the services that are not there is left out. */
async function openDoctor(t: Test, servers: RedisGroup) {
  const stack = await startTestStack(t, { parts: [], servers });
  return async (changed: Record<string, string> = {}): Promise<Look> => {
    const { json } = await examine({
      ...{ RUN_DIR: stack.runDir.path, REDIS_REPLICAS_REQUIRED: '1' },
      ...changed,
    });
    const findings = (json as { findings: Finding[] }).findings.filter(({ check }) =>
      /^(redis|near-cache|clock)/.test(check),
    );
    const wrong = findings.filter(({ severity }) => severity !== 'ok');
    return {
      findings,
      notes: wrong.map(({ check, severity }) => `${check} ${severity}`).sort(),
      find: (check) => findings.find((finding) => finding.check === check),
    };
  };
}
