import t from 'tap';
import { untilAuditWritten } from '../../services/core/audit/append.ts';
import { isResult } from './tower-stage.ts';
import { startPeopleStage, type Member } from './tower-people.ts';

const stage = await startPeopleStage(t);
const { member, service } = stage;
const god = await member(['user', 'admin']);

const listed = (answer: { body: { login: string }[] }) => answer.body.map(({ login }) => login);

t.test('the lists show who signed in and who came last, newest first, without the caller', async (t) => {
  const people: Member[] = [];
  for (let i = 0; i < 12; i += 1) people.push(await member());
  await stage.signIn((people[0] as Member).person);
  await untilAuditWritten(service.app.store, 5000);

  const seen = await god.call('GET', 'admin/search');
  const came = await god.call('GET', 'admin/registered');

  const newest = people.toReversed().map(({ login }) => login);
  t.same(listed(seen), [newest.at(-1), ...newest.slice(0, 10)]);
  t.same(listed(came), newest.slice(0, 11));
  for (const { body } of [seen, came]) t.notOk(listed({ body }).includes(god.login));
  const [first] = seen.body;
  t.match(first, {
    email: people[0]?.person.email,
    countLogin: 2,
    active: true,
    locked: false,
    passwordExpired: false,
    apiAccount: false,
    twoFa: 'NONE',
    deletionDate: 0,
  });
  t.ok(first.lastLogin >= first.registrationDate);
});

t.test('a search finds parts of addresses, from three characters on', async (t) => {
  const ann = await member();
  const search = (text: unknown) => god.call('POST', 'admin/search', { search: text });

  t.same(listed(await search(ann.person.email.slice(1, 10).toUpperCase())), [ann.login]);
  t.strictSame((await search('ex')).body, []);
  t.strictSame((await search('   ex   ')).body, []);
  t.strictSame((await search('')).body, []);
  t.strictSame((await search(god.person.email)).body, [], 'not the caller');
  for (const bad of [5, null, ['abc'], 'a'.repeat(255)]) {
    isResult(t, await search(bad), 400, 'user-search-invalid-input', JSON.stringify(bad).slice(0, 20));
  }
  isResult(t, await god.call('POST', 'admin/search'), 400, 'user-search-invalid-input');
});
