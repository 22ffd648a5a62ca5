import t from 'tap';
import { brokerReportKey, clientsKey, sessionKey } from '../../services/core/redis/keys.ts';
import { startTestStack } from '../support/stack.ts';
import { cliFor, goodPassword } from './run-cli.ts';
import { openTestStore, signInAs } from './sign-in.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const cli = cliFor(stack.runDir.path);
const store = await openTestStore(t, stack.redisUrl('session'));
const admin = await openTestStore(t, stack.redisAdminUrl);
await cli.json(['account', 'create', 'alice'], { input: goodPassword });

t.test('an account without sessions has none to show', async (t) => {
  t.match(await cli(['session', 'list', 'alice']), { code: 0, stdout: 'alice has no live session.\n' });
  t.same(await cli.json(['session', 'list', 'alice']), []);
});

t.test('live sessions are listed with where they are from and their MQTT client ids', async (t) => {
  const { sid } = await signInAs(store, 'alice', 'Tool\x1b[31m');
  await admin.redis.hset(clientsKey(sid), `${sid}-tab1`, '1 1');

  const text = await cli(['session', 'list', 'alice']);
  const json = await cli.json<object[]>(['session', 'list', 'alice']);

  t.match(
    text.stdout.split('\n')[0],
    /^SID +SIGNED IN +LAST SEEN +UNTIL +CLIENT IDS +CONNECTED +IP +BROWSER$/,
  );
  t.match(text.stdout, `${sid}  20`);
  t.match(text.stdout, '192.0.2.7  Tool\\x1b[31m\n');
  t.match(json, [{ sid, username: 'alice', state: 'active', ip: '192.0.2.7', clientIds: [`${sid}-tab1`] }]);
  t.match(json, [{ createdAtMs: Number, lastSeenMs: Number, idleUntilMs: Number, absoluteUntilMs: Number }]);
});

t.test('which clients of a session are connected is said as far as brokers tell', async (t) => {
  await cli.json(['account', 'create', 'carol'], { input: goodPassword });
  const { sid } = await signInAs(store, 'carol');
  const instance = 'a'.repeat(32);
  const nowMs = Date.now();
  await admin.redis.set(brokerReportKey(instance), `${nowMs + 600_000} 0 0`); // As if it went on reporting.
  await admin.redis.hset(clientsKey(sid), {
    [`${sid}-in`]: `${nowMs} - +`,
    [`${sid}-in ${instance}.7`]: nowMs,
    [`${sid}-out`]: `${nowMs} - +`,
  });
  const [listed] = await cli.json<{ clients: { clientId: string; connected: unknown }[] }[]>([
    'session',
    'list',
    'carol',
  ]);
  t.match((await cli(['session', 'list', 'carol'])).stdout, / 2 +1 +192/);

  await admin.redis.hset(clientsKey(sid), `${sid}-other`, nowMs);
  t.match((await cli(['session', 'list', 'carol'])).stdout, / 3 +1\? +192/);

  const states = listed?.clients.map(({ clientId, connected }) => [clientId, connected]).sort();
  t.same(states, [
    [`${sid}-in`, true],
    [`${sid}-out`, false],
  ]);
  t.match(
    listed?.clients.find(({ connected }) => connected === true),
    { sinceMs: nowMs },
  );
});

t.test(
  'a revoked session leaves a tombstone with reason and actor, and says how long that took',
  async (t) => {
    const { sid, uid } = await signInAs(store, 'alice');

    const revoked = await cli(['session', 'revoke', sid, '--reason', 'laptop stolen']);
    const tombstone = await store.redis.hgetall(sessionKey(sid));
    const again = await cli.json(['session', 'revoke', sid]);

    t.match(revoked, { code: 0, stderr: '' });
    t.match(
      revoked.stdout,
      new RegExp(
        `^Revoked session ${sid} of alice, durable in [\\d.]+ ms: no check that starts now is granted\\.\n$`,
      ),
    );
    t.match(tombstone, { state: 'revoked', reason: 'laptop stolen', actor: /^cli:.+/, endedAtMs: /^\d+$/ });
    t.match(again, {
      sid,
      uid,
      username: 'alice',
      ended: false,
      durableInMs: Number,
      acknowledgedAtMs: Number,
    });
  },
);

t.test('a session id that begins with a hyphen is no option', async (t) => {
  const sid = `-${'A'.repeat(21)}`;
  await store.redis.hset(sessionKey(sid), { uid: `-${'B'.repeat(21)}`, username: 'alice', state: 'active' });

  const revoked = await cli.json(['session', 'revoke', sid]);
  const unknown = await cli(['session', 'revoke', `-${'C'.repeat(21)}`]);
  const explained = await cli.json(['explain', 'alice', `${sid}-tab`, 'read', 'x']);

  t.match(revoked, { sid, ended: true });
  t.match(unknown, { code: 1, stderr: `bednet: there is no session -${'C'.repeat(21)}\n` });
  t.match(explained, { granted: false, reason: 'session-revoked', session: { sid } });
});

t.test('--all ends every session of an account and no other', async (t) => {
  await cli.json(['account', 'create', 'bob'], { input: goodPassword });
  const sessions = [await signInAs(store, 'bob'), await signInAs(store, 'bob')];
  const other = await signInAs(store, 'alice');

  const revoked = await cli.json(['session', 'revoke', '--all', 'bob', '--yes']);
  const again = await cli(['session', 'revoke', '--all', 'bob']);

  t.match(revoked, { username: 'bob', sessionsEnded: 2, durableInMs: Number, acknowledgedAtMs: Number });
  t.match(again.stdout, /^Revoked 0 sessions of bob/);
  for (const { sid } of sessions) t.equal(await store.redis.hget(sessionKey(sid), 'state'), 'revoked');
  t.equal(await store.redis.hget(sessionKey(other.sid), 'state'), 'active');
});

t.test('what is not there, or said twice, is refused', async (t) => {
  const sid = 'A'.repeat(22);
  const cases: [args: string[], code: number, stderr: RegExp][] = [
    [['list', 'nobody'], 1, /there is no account nobody/],
    [['revoke', sid], 1, /there is no session A{22}/],
    [['revoke', '--all', 'nobody'], 1, /there is no account nobody/],
    [['revoke', 'short'], 2, /'short' is invalid/],
    [['revoke'], 2, /say which session/],
    [['revoke', sid, '--all', 'alice'], 2, /say which session/],
    [['revoke', sid, '--reason', ''], 2, /printable characters/],
    [['revoke', sid, '--reason', 'a\nb'], 2, /printable characters/],
    [['list'], 2, /missing required argument/],
  ];

  for (const [args, code, stderr] of cases) {
    const result = await cli(['session', ...args]);
    t.match(result, { code, stdout: '', stderr }, args.join(' '));
    t.match(result.stderr, /^bednet: [^\n]+\n$/, 'one line');
  }
});
