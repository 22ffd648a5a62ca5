import t from 'tap';
import { parseSubscription } from '../../services/core/acl/shared-subscription.ts';

t.test('a shared subscription is its group and its filter', async (t) => {
  const rows: [asked: string, group: string, filter: string][] = [
    ['$share/g/a/b', 'g', 'a/b'],
    ['$share/g/#', 'g', '#'],
    ['$share/g//a', 'g', '/a'],
    ['$share/g//', 'g', '/'],
    ['$share/ü %u/$SYS/#', 'ü %u', '$SYS/#'],
    ['$share/g/$share/h/a', 'g', '$share/h/a'],
  ];

  for (const [asked, group, filter] of rows)
    t.strictSame(parseSubscription(asked), { kind: 'shared', group, filter }, asked);
});

t.test('a malformed shared subscription is told what is wrong with it', async (t) => {
  const rows = [
    ['$share', 'group-missing'],
    ['$share/', 'group-empty'],
    ['$share//a', 'group-empty'],
    ['$share/g', 'filter-missing'],
    ['$share/g/', 'filter-missing'],
    ['$share/+/a', 'group-with-wildcard'],
    ['$share/#', 'group-with-wildcard'],
    ['$share/g+/a', 'group-with-wildcard'],
  ] as const;

  for (const [asked, fault] of rows)
    t.strictSame(parseSubscription(asked), { kind: 'malformed', fault }, asked);
});

t.test('a filter that only looks like a share is a plain filter', async (t) => {
  for (const filter of ['a/$share/g/b', '$shared/g/a', '$SHARE/g/a', '/$share/g/a', '#'])
    t.strictSame(parseSubscription(filter), { kind: 'plain', filter }, filter);
});
