import { readFileSync, statSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { keyReporterKey, keyReportsKey } from '../../services/core/redis/keys.ts';
import { listKeyReports, reportKeys } from '../../services/core/tokens/key-reports.ts';
import { startTestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { cliFor } from './run-cli.ts';
import { openTestStore } from './sign-in.ts';

interface ListedKey {
  kid: string;
  algorithm: string;
  state: 'next' | 'active' | 'previous';
  tokensUntil: string;
  loadedBy: number;
  usedBy: number;
}

const stack = await startTestStack(t, { parts: ['redis', 'session', 'webhook'] });
const cli = cliFor(stack.runDir.path);
const store = await openTestStore(t, stack.redisAdminUrl);
const { files } = stack.secrets;
await until(async () => (await listKeyReports(store)).length === 2, { what: 'both services report' });

const listed = async (...options: string[]) =>
  (await cli.json<{ keys: ListedKey[] }>(['keys', 'list', ...options])).keys;
const states = async (...options: string[]) => (await listed(...options)).map(({ state }) => state);
const setOf = (file: string) => JSON.parse(readFileSync(file, 'utf8')).keys as Record<string, string>[];
/** As if the tokens of a replaced key had run out. */
const letTokensEnd = (file: string) => {
  const keys = setOf(file).map((key) =>
    key['tokensUntil'] ? { ...key, tokensUntil: '2026-01-01T00:00:00Z' } : key,
  );
  writeFileSync(file, JSON.stringify({ keys }));
};

t.test('a fresh stack has one signing key, which both services have loaded', async (t) => {
  const keys = await listed();
  const text = await cli(['keys', 'list']);

  t.match(keys, [{ algorithm: 'EdDSA', state: 'active', loadedBy: 2, usedBy: 1 }]);
  t.match(text.stdout, /^KID +ALGORITHM +STATE +CREATED +TOKENS UNTIL +LOADED BY +USED BY\n/);
  t.match(text.stdout, new RegExp(`${keys[0]?.kid} +EdDSA +active .* 2 of 2 +1\n`));
});

t.test('add, promote and retire step by step, each only when it is harmless', async (t) => {
  const [first] = await listed();
  const added = await cli.json<{ kid: string; instances: number }>(['keys', 'add']);
  t.equal(added.instances, 2);
  t.match(await listed(), [{ state: 'active', usedBy: 1 }, { kid: added.kid, state: 'next', loadedBy: 2, usedBy: 0 }]); // prettier-ignore

  t.match(await cli(['keys', 'retire', first?.kid ?? '']), { code: 1, stderr: /is the key in use/ });
  const promoted = await cli(['keys', 'promote']);
  t.match(promoted, { code: 0, stderr: '' });
  t.match(
    promoted.stdout,
    `The signing key ${added.kid} makes the tokens now. Those of ${first?.kid} are good`,
  );
  t.match(await listed(), [
    { kid: added.kid, state: 'active', loadedBy: 2, usedBy: 1 },
    { kid: first?.kid, state: 'previous', loadedBy: 2, usedBy: 0, tokensUntil: /^20/ },
  ]);

  t.match(await cli(['keys', 'retire', first?.kid ?? '']), { code: 1, stderr: /live until 20.*--force/ });
  t.match(await cli.json(['keys', 'retire']), { retired: [] }, 'nothing has lapsed');
  letTokensEnd(files.signingKeys);
  t.match(await cli.json(['keys', 'retire']), { retired: [first?.kid] });
  t.same(await states(), ['active']);
  t.same(
    setOf(files.verificationKeys).map(({ kid }) => kid),
    [added.kid],
    'verifiers are told',
  );
});

t.test('rotate does it all, and retires what the rotation before left', async (t) => {
  const [before] = await listed();

  const one = await cli.json<{ kid: string }>(['keys', 'rotate']);
  letTokensEnd(files.signingKeys);
  const two = await cli.json<{ kid: string }>(['keys', 'rotate']);

  t.match(one, { previous: { kid: before?.kid }, retired: [], instances: 2 });
  t.match(two, { previous: { kid: one.kid }, retired: [before?.kid] });
  t.match(await listed(), [
    { kid: two.kid, state: 'active', loadedBy: 2, usedBy: 1 },
    { kid: one.kid, state: 'previous' },
  ]);
  letTokensEnd(files.signingKeys);
  await cli.json(['keys', 'retire']);
});

t.test('a rotation that was interrupted goes on with the key that it had added', async (t) => {
  const { kid } = await cli.json<{ kid: string }>(['keys', 'add']);

  t.match(await cli.json(['keys', 'rotate']), { kid });

  letTokensEnd(files.signingKeys);
  await cli.json(['keys', 'retire']);
});

t.test('a rotation to another algorithm, and no third one beside', async (t) => {
  const toSecret = await cli.json<{ kid: string }>(['keys', 'rotate', '--algorithm', 'HS256']);
  t.match(await listed(), [
    { algorithm: 'HS256', state: 'active' },
    { algorithm: 'EdDSA', state: 'previous' },
  ]);
  t.equal((statSync(files.verificationKeys).mode & 0o777).toString(8), '600', 'it holds a secret now');

  t.match(await cli(['keys', 'add', '--algorithm', 'ES256']), { code: 1, stderr: /retire one first/ });
  t.match(await cli(['keys', 'add', '--algorithm', 'HS512']), { code: 2, stderr: /HS512/ });
  letTokensEnd(files.signingKeys);
  t.match(await cli.json(['keys', 'rotate', '--algorithm', 'EdDSA']), { previous: { kid: toSecret.kid } });
  letTokensEnd(files.signingKeys);
  t.match(await cli.json(['keys', 'retire']), { retired: [toSecret.kid] });
  t.equal((statSync(files.verificationKeys).mode & 0o777).toString(8), '644', 'public keys only');
});

t.test('private parts and histories stay in the private file', async (t) => {
  const keys = setOf(files.verificationKeys);

  t.same(Object.keys(keys[0] ?? {}).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  t.equal((statSync(files.signingKeys).mode & 0o777).toString(8), '600');
});

t.test('renewal keys rotate alike, as far as the session service goes', async (t) => {
  const [before] = await listed('--renewal');
  t.match(before, { algorithm: 'HMAC', state: 'active', loadedBy: 1, usedBy: 1 });

  const { kid } = await cli.json<{ kid: string }>(['keys', 'rotate', '--renewal']);

  t.match(await listed('--renewal'), [
    { kid, state: 'active', loadedBy: 1, usedBy: 1 },
    { kid: before?.kid, state: 'previous' },
  ]);
  const [, old] = setOf(files.renewalKeys);
  const lifeDays = (Date.parse(old?.['tokensUntil'] ?? '') - Date.now()) / 86_400_000;
  t.ok(lifeDays > 6.9 && lifeDays < 7.1, `old renewal tokens live ${lifeDays} days`);
});

t.test('two rotations at once leave one active key and lose none', async (t) => {
  const before = await listed();

  const results = await Promise.all([cli(['keys', 'add']), cli(['keys', 'add']), cli(['keys', 'add'])]);

  t.same(
    results.map(({ code }) => code),
    [0, 0, 0],
  );
  const keys = await listed();
  t.equal(keys.length, before.length + 3);
  t.equal(keys[0]?.kid, before[0]?.kid);
  t.match(await cli(['keys', 'promote']), { code: 1, stderr: /several such keys/ });
  for (const { kid } of keys.slice(1)) t.equal((await cli(['keys', 'retire', kid, '--force'])).code, 0);
});

t.test('a service that has not loaded a key holds its promotion up, unless forced', async (t) => {
  const { kid } = await cli.json<{ kid: string }>(['keys', 'add']);
  await reportKeys(store, 'late', { service: 'webhook', host: 'far-away', pid: 7, kids: [] });
  await store.redis.persist(keyReporterKey('late')); // As if it went on reporting.

  const refused = await cli(['keys', 'promote', kid]);
  await store.redis.del(keyReporterKey('late')); // As 15 s without a report do.

  t.match(refused, { code: 1, stderr: /webhook on far-away \(process 7\) would refuse tokens of/ });
  t.equal((await listed())[1]?.state, 'next');
  t.equal((await listKeyReports(store)).length, 2);
  t.notOk(await store.redis.hexists(keyReportsKey, 'late'), 'who is gone is forgotten');
  t.equal((await cli(['keys', 'promote', kid, '--force'])).code, 0);
});

t.test('a retired key that is needed after all is refused by name, and so is a damaged file', async (t) => {
  const whole = readFileSync(files.signingKeys, 'utf8');
  writeFileSync(files.signingKeys, whole.slice(0, -20));
  const damaged = await cli(['keys', 'rotate']);
  writeFileSync(files.signingKeys, whole);

  t.match(damaged, { code: 1, stderr: /can't use the keys: .*signing-keys.json: is not JSON/ });
  t.match(await cli(['keys', 'promote', 'nonsense']), { code: 1, stderr: /there is no key nonsense/ });
  t.match(await cli(['keys', 'retire', '--force']), { code: 1, stderr: /say which key/ });
});

t.test('each change is in the audit', async (t) => {
  const log = (await store.redis.xrange('bn:{audit}:log', '-', '+')).map(([, fields]) => fields.join(' '));

  for (const done of ['added', 'promoted', 'retired'])
    t.ok(
      log.some((entry) => entry.includes('keys-changed') && entry.includes(done)),
      done,
    );
});
