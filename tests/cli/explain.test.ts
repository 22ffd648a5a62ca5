import t from 'tap';
import { startTestStack } from '../support/stack.ts';
import { cliFor, goodPassword } from './run-cli.ts';
import { openTestStore, signInAs } from './sign-in.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const cli = cliFor(stack.runDir.path);
const store = await openTestStore(t, stack.redisUrl('session'));
await cli.json(['account', 'create', 'alice'], { input: goodPassword });
const { sid } = await signInAs(store, 'alice');

t.test('a grant is explained by its session and its rule', async (t) => {
  const text = await cli(['explain', 'alice', `${sid}-tab1`, 'subscribe', 'users/alice/#']);
  const json = await cli.json(['explain', 'alice', sid, 'read', 'users/alice/x']);

  t.match(text, { code: 0, stderr: '' });
  t.match(text.stdout, /^Granted: subscribe on "users\/alice\/#" by "alice"\.\n/);
  t.match(json, {
    granted: true,
    rule: { holder: 'role', name: 'user', index: 0, filter: 'users/%u/#' },
    rulesVersion: '0',
    session: { sid, username: 'alice', state: 'active', roles: ['user'], accessUntilMs: Number },
    sentences: [/^Granted/, /active with roles user/, /rule 1 of role user/],
  });
});

t.test('a denial is explained too, with exit code 0', async (t) => {
  const cases: [username: string, clientId: string, topic: string, reason: string][] = [
    ['alice', sid, 'users/bob/x', 'no-rule-allows'],
    ['bob', sid, 'users/bob/x', 'session-username-mismatch'],
    ['alice', 'A'.repeat(22), 'users/alice/x', 'session-unknown'],
    ['alice', 'x', 'users/alice/x', 'client-id-malformed'],
    ['a/b', sid, 'users/alice/x', 'username-malformed'],
    ['alice', sid, 'users/alice/#', 'topic-malformed'],
  ];

  for (const [username, clientId, topic, reason] of cases) {
    const result = await cli(['explain', username, clientId, 'write', topic, '--json']);
    t.equal(result.code, 0, reason);
    t.match(JSON.parse(result.stdout), { granted: false, reason, sentences: [/^Denied: write/] });
  }
});

t.test('a revoked session is explained with who ended it and why', async (t) => {
  const revoked = await signInAs(store, 'alice');
  await cli.json(['session', 'revoke', revoked.sid, '--reason', 'laptop stolen']);

  const { stdout } = await cli(['explain', 'alice', revoked.sid, 'read', 'users/alice/x']);

  t.match(stdout, /^Denied: read on "users\/alice\/x" by "alice"\.\nThe session was revoked\.\n/);
  t.match(stdout, /was ended by cli:\S+ \(laptop stolen\)\.\n$/);
});

t.test('an unknown kind of access is wrong usage', async (t) => {
  const result = await cli(['explain', 'alice', sid, 'publish', 'x']);

  t.match(result, { code: 2, stdout: '', stderr: /Allowed choices are read, write, subscribe/ });
});

t.test('control characters of a topic are escaped', async (t) => {
  const { stdout } = await cli(['explain', 'alice', sid, 'write', 'a\x1b]0;x\x07\u009b']);

  t.match(stdout, /\\u001b|\\x1b/);
  t.notMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});
