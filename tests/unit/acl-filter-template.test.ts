import t from 'tap';
import { compileTemplate, findTemplateFault, substitute } from '../../services/core/acl/filter-template.ts';
import { parseTopicFilter } from '../../services/core/acl/topic-filter.ts';

const ann = { username: 'ann', clientId: 'c-1' };
const lamp = { username: 'd:lamp', clientId: 'lamp.2', deviceId: 'lamp' };

t.test("placeholders take the subject's names as a level or inside one", async (t) => {
  const rows = [
    ['users/%u/#', ann, 'users/ann/#'],
    ['%u', ann, 'ann'],
    ['%u/#', ann, 'ann/#'],
    ['from-%u-on-%c/+', ann, 'from-ann-on-c-1/+'],
    ['%u%u/%c', ann, 'annann/c-1'],
    ['devices/%d/%u/%c', lamp, 'devices/lamp/d:lamp/lamp.2'],
    ['100%%/%%u/%%%u', ann, '100%/%u/%ann'],
    ['#', ann, '#'],
    ['/#', ann, '/#'],
  ] as const;

  for (const [text, values, filter] of rows) {
    const substitution = substitute(compileTemplate(text), values);

    t.strictSame(substitution, { kind: 'filter', filter: parseTopicFilter(filter) }, text);
  }
});

t.test('a value is put in once, whatever placeholders it holds itself', async (t) => {
  const substitution = substitute(compileTemplate('%u/%c'), { username: '%c', clientId: '%u%%' });

  t.strictSame(substitution, { kind: 'filter', filter: { levels: ['%c', '%u%%'], openEnded: false } });
});

t.test('a value that could change the shape of a filter is not put in', async (t) => {
  const hostile = ['', '/', 'a/b', '+', '#', 'a+', 'a#', 'a\0', '$SYS', '$share', '\ud800'];
  const harmless = ['a', 'a.b', 'a$', 'ü', 'a b', 'a\nb', '-', ':'];
  const template = compileTemplate('x/%u');

  for (const username of hostile)
    t.strictSame(
      substitute(template, { ...ann, username }),
      { kind: 'hostile-value' },
      JSON.stringify(username),
    );
  for (const username of harmless)
    t.equal(substitute(template, { ...ann, username }).kind, 'filter', JSON.stringify(username));
});

t.test('a value that the filter does not use cannot harm it', async (t) => {
  t.equal(substitute(compileTemplate('x/%c'), { ...ann, username: '#' }).kind, 'filter');
  t.equal(substitute(compileTemplate('%%u/%c'), { ...ann, username: '#' }).kind, 'filter');
});

t.test('a filter with %d is not about subjects without a device id', async (t) => {
  const template = compileTemplate('devices/%d/%c');

  t.strictSame(substitute(template, ann), { kind: 'not-applicable' });
  t.strictSame(substitute(template, { ...ann, clientId: '#' }), { kind: 'hostile-value' });
  t.strictSame(substitute(template, { ...ann, deviceId: '' }), { kind: 'hostile-value' });
  t.equal(substitute(template, lamp).kind, 'filter');
});

t.test("a rule's filter that cannot work is refused with a sentence", async (t) => {
  const unknown = (pair: string) =>
    `holds "${pair}", which is none of %u, %c, %d and %% (a plain percent sign)`;
  const rows: [filter: string, fault: string][] = [
    ['', 'is not a topic filter'],
    ['a/#/b', 'is not a topic filter'],
    ['%u+', 'is not a topic filter'],
    ['a/%u#', 'is not a topic filter'],
    ['$share/g/a', 'begins with $share, which is taken off before rules are asked'],
    ['$share', 'begins with $share, which is taken off before rules are asked'],
    ['a/%', unknown('%')],
    ['a/%/b', unknown('%/')],
    ['%U/a', unknown('%U')],
    ['%%%x', unknown('%x')],
    ['%😀', unknown('%😀')],
  ];

  for (const [filter, fault] of rows) {
    t.equal(findTemplateFault(filter), fault, filter);
    t.throws(() => compileTemplate(filter), { name: 'TypeError', message: `the filter ${fault}` }, filter);
  }
  for (const filter of ['a', '%%', '$SYS/%u', '%u%c%d', '#'])
    t.equal(findTemplateFault(filter), undefined, filter);
});
