import t from 'tap';
import { compileForSubject, decideForSubject } from '../../services/core/acl/decide-acl.ts';
import type { AclRequest } from '../../services/core/acl/decide-acl.ts';
import { compileRules } from '../../services/core/acl/rules.ts';
import type { Access, Rule } from '../../services/core/acl/rules.ts';

const every: Access[] = ['read', 'write', 'subscribe'];
const subject = { username: 'ann', clientId: 'c', roles: ['user'] };

t.test('a topic or filter of 1000 levels is decided in less than 1 ms', async (t) => {
  const rules = rulesOf([
    ...Array.from({ length: 100 }, (_, index) => deny(`${'+/'.repeat(40)}x${index}`)),
    allow(`${'+/'.repeat(999)}+`),
    allow('a/#'),
  ]);
  const long = (level: string, last: string) => `a/${`${level}/`.repeat(998)}${last}`;
  const rows: [request: AclRequest, granted: boolean][] = [
    [{ access: 'write', topic: long('a', 'a') }, true],
    [{ access: 'write', topic: long('a', 'a').replace('a', 'b') + '/a' }, false],
    [{ access: 'subscribe', topic: long('+', '+') }, true],
    [{ access: 'subscribe', topic: long('+', '#').replace('a', '+') }, false],
  ];

  for (const [request, granted] of rows) {
    const tries = Array.from({ length: 101 }, () => timeMs(() => decideForSubject(rules, request).granted));

    const medianMs = tries.map(({ ms }) => ms).sort((a, b) => a - b)[50] ?? Infinity;
    t.equal(tries[0]?.result, granted, `${request.access} granted: ${granted}`);
    t.ok(medianMs < 1, `median ${medianMs.toFixed(3)} ms`);
  }
});

t.test(
  'the most hostile filters against the largest list of rules are decided in milliseconds',
  async (t) => {
    const lengths = Array.from({ length: 140 }, (_, index) => index + 1);
    const rules = rulesOf([
      ...lengths.map((length) => deny(`${'+/'.repeat(length)}x/y/z`, ['write'])),
      ...lengths.map((length) => allow(`${'+/'.repeat(length)}x`)),
      ...lengths.map((length) => allow(`${'+/'.repeat(length)}+/#`)),
    ]);
    const asked = ['+/'.repeat(32_766) + '#', '+/'.repeat(32_766) + 'y', '/'.repeat(65_535), '#'];

    for (const topic of asked) {
      const { ms, result } = timeMs(() => decideForSubject(rules, { access: 'subscribe', topic }).granted);

      t.equal(result, topic.length > 1, `${topic.length} bytes`);
      t.ok(ms < 2000, `${ms.toFixed(1)} ms`);
    }
  },
);

function rulesOf(user: Rule[]) {
  return compileForSubject(
    compileRules({ version: '1', roles: { user: { permissions: [], rules: user } } }),
    subject,
  );
}

function timeMs<Result>(run: () => Result): { ms: number; result: Result } {
  const start = performance.now();
  const result = run();
  return { ms: performance.now() - start, result };
}

function allow(filter: string): Rule {
  return { effect: 'allow', access: every, filter };
}

function deny(filter: string, access = every): Rule {
  return { effect: 'deny', access, filter };
}
