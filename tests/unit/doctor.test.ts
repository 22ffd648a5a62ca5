import t from 'tap';
import { checkBroker } from '../../services/cli/doctor/broker.ts';
import { checkBrokerHabits } from '../../services/cli/doctor/broker-habits.ts';
import { checkClock } from '../../services/cli/doctor/clock.ts';
import { parseNumbers } from '../../services/cli/doctor/metrics-text.ts';
import { checkHolders, checkTopology } from '../../services/cli/doctor/redis-replicas.ts';
import { checkRedisServer, parseInfo } from '../../services/cli/doctor/redis-server.ts';
import { readRedisUrl } from '../../services/core/redis/redis-url.ts';

const healthyInfo = {
  redis_version: '7.0.15',
  aof_enabled: '1',
  aof_last_write_status: 'ok',
  aof_last_bgrewrite_status: 'ok',
  maxmemory_policy: 'noeviction',
  used_memory: '1000',
  maxmemory: '100000',
  role: 'master',
  connected_slaves: '1',
  slave0: 'ip=127.0.0.1,port=1,state=online,offset=5,lag=1',
};

/** `check severity` of all that is not in order. */
function judge(
  changed: Record<string, string>,
  options: { replicasRequired?: number; appendfsync?: string } = {},
): string[] {
  const lines = Object.entries({ ...healthyInfo, ...changed }).map(([field, value]) => `${field}:${value}`);
  const info = parseInfo(['# Server', ...lines, ''].join('\r\n'));
  const { replicasRequired = 1, appendfsync } = options;
  return checkRedisServer(info, { replicasRequired, appendfsync })
    .filter(({ severity }) => severity !== 'ok')
    .map(({ check, severity }) => `${check} ${severity}`);
}

t.test('a clock of Redis more than two seconds away from this machine is warned about', (t) => {
  const beforeMs = 1_000_000;
  const afterMs = beforeMs + 100;
  const severities = [-2100, -1900, 50, 2000, 2100].map(
    (awayMs) => checkClock({ redisMs: beforeMs + awayMs, beforeMs, afterMs }).severity,
  );

  t.same(severities, ['warn', 'ok', 'ok', 'ok', 'warn']);
  t.match(checkClock({ redisMs: beforeMs + 60_050, beforeMs, afterMs }).found, '60.0 s ahead of');
  t.match(checkClock({ redisMs: beforeMs - 60_000, beforeMs, afterMs }).found, '60.0 s behind');
  t.end();
});

t.test('what INFO tells is judged', (t) => {
  t.same(judge({}), []);
  t.same(judge({}, { appendfsync: 'always' }), []);
  t.same(judge({}, { appendfsync: 'everysec' }), ['redis-persistence fault']);
  t.same(judge({ aof_last_write_status: 'err' }), ['redis-persistence fault']);
  t.same(judge({ redis_version: '6.2.14' }), ['redis-version fault']);
  t.same(judge({ maxmemory: '0' }), ['redis-memory warn']);
  t.same(judge({ used_memory: '85000' }), ['redis-memory warn']);
  t.same(judge({ used_memory: '96000' }), ['redis-memory fault']);
  t.same(judge({ role: 'slave' }), ['redis-replicas fault']);
  t.same(judge({}, { replicasRequired: 2 }), ['redis-replicas fault']);
  t.same(judge({}, { replicasRequired: 0 }), ['redis-replicas warn']);
  t.same(judge({ connected_slaves: '2' }), ['redis-replicas warn']);
  t.same(judge({ slave0: 'ip=127.0.0.1,port=1,state=online,offset=5,lag=30' }), ['redis-replicas warn']);
  t.end();
});

t.test('the topology is told, and whether a near cache is safe in it', (t) => {
  const withReplicas = (count: number) => parseInfo(`role:master\nconnected_slaves:${count}`);
  const cluster = readRedisUrl('redis+cluster://cli:pw@127.0.0.1:7000');
  const sentinel = readRedisUrl('redis+sentinel://cli:pw@127.0.0.1:1/main?sentinel_password=x');
  t.match(checkTopology(sentinel, [withReplicas(2)]), { severity: 'ok', found: /primary of main, with 2/ });
  const whole = parseInfo('cluster_slots_ok:16384');
  t.match(checkTopology(cluster, [withReplicas(1), withReplicas(1)], whole), {
    severity: 'ok',
    found: /2 primaries/,
  });
  t.match(checkTopology(cluster, [withReplicas(1), withReplicas(0)], whole), {
    severity: 'warn',
    change: /replica/,
  });
  t.match(checkTopology(cluster, [withReplicas(1)], parseInfo('cluster_slots_ok:10922')), {
    severity: 'fault',
    found: /^5462 of 16384 slots .* 503/,
  });

  const holders = [0, 1].map((replicasRequired) => ({ id: 'x', leaseMs: 1000, replicasRequired }));
  t.same(checkHolders([], withReplicas(1)), []);
  t.match(checkHolders(holders, withReplicas(0)), [{ severity: 'ok' }]);
  t.match(checkHolders(holders.slice(1), withReplicas(1)), [{ severity: 'ok' }]);
  t.match(checkHolders(holders, withReplicas(1)), [
    { severity: 'warn', found: /^1 .*stale grants/, change: /REQUIRED/ },
  ]);
  t.end();
});

t.test('numbers are read as Prometheus writes them', (t) => {
  const numbers = parseNumbers(
    ['# HELP a b', 'a{x="1",y="p\\"q\\\\,}"} 2', 'a{x="2",y=""} 3', 'b 1.5e3', ''].join('\n'),
  );

  t.equal(numbers.sum('a'), 5);
  t.equal(numbers.sum('a', { x: '2' }), 3);
  t.same(numbers.labelsOf('a', 'y'), ['p"q\\,}', '']);
  t.equal(numbers.sum('b'), 1500);
  t.equal(numbers.sum('c'), 0);
  t.end();
});

t.test('slow checks are told once more than one in a hundred is slow', (t) => {
  const slow = (all: number, quick: number) =>
    checkBrokerHabits(
      parseNumbers(
        [
          'process_start_time_seconds 1700000000',
          `bednet_check_duration_seconds_bucket{le="0.05",check="acl"} ${quick}`,
          `bednet_check_duration_seconds_count{check="acl"} ${all}`,
        ].join('\n'),
      ),
    ).map(({ check }) => check);

  t.same(slow(1000, 995), ['broker-requests']);
  t.same(slow(1000, 980), ['broker-slow-acl']);
  t.same(slow(50, 0), ['broker-requests'], 'too few to tell');
  t.end();
});

t.test('a broker that lets clients in without credentials is a fault', (t) => {
  const refused = { outcome: 'refused' } as const;
  const tried = { anonymous: { outcome: 'let-in' } as const, first: refused, second: refused };

  const [finding] = checkBroker('mqtt://127.0.0.1:1', tried, undefined);

  t.match(finding, { check: 'broker-anonymous', severity: 'fault', change: /allow_anonymous false/ });
  t.end();
});
