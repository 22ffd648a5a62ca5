import { chmodSync, readFileSync, readdirSync, renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startTestStack } from '../support/stack.ts';
import { startDoctorStage } from './doctor-stage.ts';
import { cliFor } from './run-cli.ts';

const stage = await startDoctorStage(t);
const { stack, environment, examine, answers } = stage;
const { secrets } = stack.runDir;

/** Sets a parameter of Redis until `t` ends. */
async function setRedis(t: Test, name: string, value: string): Promise<void> {
  const { redis } = stage.store;
  const [, before] = (await redis.config('GET', name)) as string[];
  await redis.config('SET', name, value);
  t.teardown(() => redis.config('SET', name, before ?? ''));
}

/** A limit of which 98 % are used: how much that is depends on who is connected, and since when. */
async function nearlyUsed(): Promise<string> {
  const [, used] = /^used_memory:(\d+)/m.exec(await stage.store.redis.info('memory')) ?? [];
  return String(Math.round(Number(used) * 1.02));
}

t.test(
  'doctor finds no fault in a healthy stack, and leaves no trace that it would find itself',
  async (t) => {
    await examine();
    const { code, faults, find } = await examine();

    t.equal(code, 0);
    t.same(faults, []);
    for (const check of ['redis-persistence', 'clock', 'issuer', 'session-keys', 'broker-sign-in']) {
      t.match(find(check), { severity: 'ok' }, check);
    }
    t.match(find('broker-requests'), {
      severity: 'ok',
      found: /^Nothing is wrong with the 4 sign-ins and 0 ACL/,
    });
  },
);

t.test('doctor tells people each finding on a line, and sums up', async (t) => {
  const { code, stdout, stderr } = await cliFor(stack.runDir.path)(['doctor'], { environment });

  t.match({ code, stderr }, { code: 0, stderr: '' });
  t.match(stdout, /^ok {5}redis-eviction: Redis throws no key away \(noeviction\)\.$/m);
  t.match(stdout, /^warn {3}redis-users: .* test\.\n {7}change: Remove them/m);
  t.match(stdout, /\n[0-9]+ in order, 1 to change, 0 at fault\.\n$/);
});

t.test('doctor names a secret that others can read', async (t) => {
  const file = join(secrets, 'pepper');
  chmodSync(file, 0o644);
  t.teardown(() => chmodSync(file, 0o600));

  const { code, faults, find } = await examine();

  t.equal(code, 1);
  t.same(faults, ['secrets-modes']);
  t.match(find('secrets-modes'), { found: file, change: `chmod go= ${file}` });
});

t.test('doctor notes the age of a key', async (t) => {
  const aged = new Date(Date.now() - 400 * 86_400_000);
  utimesSync(join(secrets, 'signing-keys.json'), aged, aged);

  const { code, find } = await examine();

  t.equal(code, 0);
  t.match(find('key-signing-key'), { severity: 'warn', found: /400 days old/, change: /bednet keys rotate/ });
});

t.test('doctor names a key that is missing', async (t) => {
  const file = join(secrets, 'renewal-keys.json');
  renameSync(file, `${file}.away`);
  t.teardown(() => renameSync(`${file}.away`, file));

  t.same((await examine()).faults, ['key-renewal-key']);
});

t.test('doctor names settings of Redis that would lose what was confirmed', async (t) => {
  const wrong: [string, string, string, RegExp][] = [
    ['appendonly', 'no', 'redis-persistence', /appendonly yes/],
    ['maxmemory-policy', 'allkeys-lru', 'redis-eviction', /noeviction/],
    ['maxmemory', await nearlyUsed(), 'redis-memory', /Raise maxmemory/],
  ];
  for (const [name, value, check, change] of wrong) {
    await t.test(name, async (t) => {
      await setRedis(t, name, value);
      const { code, faults, find } = await examine();

      t.equal(code, 1);
      t.same(faults, [check]);
      t.match(find(check), { change });
    });
  }
});

t.test('doctor names a Redis that answers without a password', async (t) => {
  await stage.store.redis.acl('SETUSER', 'default', 'on', 'nopass');
  t.teardown(() => stage.store.redis.acl('SETUSER', 'default', 'off', 'resetpass'));

  const { faults, find } = await examine();

  t.same(faults, ['redis-default-user']);
  t.match(find('redis-default-user'), { change: /user default off/ });
});

t.test('doctor names replicas that are required and not there', async (t) => {
  const { faults, find } = await examine({ REDIS_REPLICAS_REQUIRED: '1' });

  t.same(faults, ['redis-replicas']);
  t.match(find('redis-replicas'), { found: /^0 of 1/, change: /REDIS_REPLICAS_REQUIRED/ });
});

t.test('doctor looks at the rest when Redis is out of reach, and ends with 3', async (t) => {
  const { code, faults, find } = await examine({ BEDNET_REDIS_URL: 'redis://cli:none@127.0.0.1:1' });

  t.equal(code, 3);
  t.same(faults, ['redis']);
  t.match(find('broker-sign-in'), { severity: 'ok' });
});

t.test('doctor names services that disagree about issuer and keys', async (t) => {
  const other = await startTestStack(t, {
    parts: ['redis', 'webhook'],
    settings: { webhook: { ISSUER: 'https://elsewhere.example' } },
  });

  const { faults, find } = await examine({ WEBHOOK_PORT: String(other.ports.webhook) });

  t.same(faults, ['issuer', 'verification-keys', 'broker-sign-in']);
  t.match(find('issuer'), { found: /https:\/\/elsewhere\.example/, change: /ISSUER/ });
  t.match(find('broker-sign-in'), { found: /without asking this webhook/, change: /http_port/ });
});

t.test('doctor names a service that is not there, and what the broker makes of that', async (t) => {
  await stack.part('webhook').stop();
  t.teardown(() => stack.part('webhook').start());

  const { code, faults, find } = await examine();

  t.equal(code, 1);
  t.same(faults, ['webhook-health', 'broker-sign-in']);
  t.match(find('webhook-health'), { found: /ECONNREFUSED/, change: /make status/ });
  t.match(find('broker-sign-in'), { found: /without an answer/, change: /http_host/ });
});

t.test('doctor names a broker that is not there', async (t) => {
  const { faults } = await examine({ MQTT_PORT: '1' });

  t.same(faults, ['broker']);
});

t.test('doctor prints no secret', (t) => {
  const all = answers.join('\n');
  for (const file of readdirSync(secrets)) {
    if (file === 'verification-keys.json') continue;
    const values = readFileSync(join(secrets, file), 'utf8').match(/[A-Za-z0-9_-]{43,}/g) ?? [];
    // Key ids and public halves are no secrets.
    const told = values.filter((value) => all.includes(value) && !isPublic(value));
    t.same(told, [], file);
  }
  t.end();
});

function isPublic(value: string): boolean {
  return readFileSync(join(secrets, 'verification-keys.json'), 'utf8').includes(value);
}
