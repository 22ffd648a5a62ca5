import fc from 'fast-check';
import t from 'tap';
import { decideAcl } from '../../services/core/acl/decide-acl.ts';
import { compileRules, type Access, type Rule } from '../../services/core/acl/rules.ts';
import { isTopicFilter } from '../../services/core/acl/topic-filter.ts';

const subject = { username: 'a.b', clientId: 'c', roles: ['user'] };
const separator = fc.constantFrom('/', '.');
const topics = fc
  .tuple(
    fc.constantFrom('a', 'b', '%u'),
    fc.array(fc.tuple(separator, fc.constantFrom('a', 'b', '')), { maxLength: 4 }),
  )
  .map(([first, rest]) => first + rest.flat().join(''));
const filters = fc
  .tuple(topics, fc.constantFrom('', '/+', '/#', '/+/a'))
  .map(([topic, end]) => topic + end)
  .filter(isTopicFilter);
const rules = fc.array(
  fc.record({
    effect: fc.constantFrom('allow' as const, 'deny' as const),
    access: fc.constant<Access[]>(['write', 'subscribe']),
    filter: filters,
  }),
  { maxLength: 5 },
);

function decide(list: Rule[], topic: string, access: Access, pointsAreSlashes: boolean) {
  const role = { permissions: [], rules: list };
  const compiled = compileRules({ version: '1', roles: { user: role } });
  return decideAcl(compiled, subject, { topic, access, pointsAreSlashes });
}

t.test('where points are slashes, what a deny rule holds for is denied in each spelling', async () => {
  fc.assert(
    fc.property(rules, topics, (list, written) => {
      const topic = written.replaceAll('%u', 'a.b');
      const asWritten = decide(list, topic, 'write', false);
      const deniedBy = asWritten.granted ? undefined : asWritten.rule?.filter;
      // A + stands for one level, and there a point ends a level.
      fc.pre(deniedBy !== undefined && !deniedBy.includes('+'));
      return !decide(list, topic.replaceAll('.', '/'), 'write', true).granted;
    }),
    { numRuns: 3000 },
  );
});

t.test('where points are slashes, nothing is granted that is not granted otherwise', async () => {
  fc.assert(
    fc.property(rules, filters, fc.constantFrom<Access>('write', 'subscribe'), (list, filter, access) => {
      const asked = filter.replaceAll('%u', 'a.b').replaceAll('.', '/');
      const asWritten = decide(list, asked, access, false);
      const deniedBy = asWritten.granted ? undefined : asWritten.rule?.filter;
      // A + that is asked for stands for one level too: a/+ gets nothing of a/a.a where a point ends a level.
      fc.pre(!(asked.includes('+') && deniedBy !== undefined && /\.|%u/.test(deniedBy)));
      return !decide(list, asked, access, true).granted || asWritten.granted;
    }),
    { numRuns: 3000 },
  );
});
