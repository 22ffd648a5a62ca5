import t from 'tap';
import { cpuMs } from '../support/cpu-time.ts';
import { explain } from './history/explain.ts';
import { createHistory, settle, type CheckKind, type History, type Outcome } from './history/history.ts';
import { judge } from './history/judge.ts';

type Call = [what: 'allow' | 'end', startMs: number, endMs: number | 'refused' | 'unknown'];
type Asked = [outcome: Outcome, startMs: number, endMs: number, kind?: CheckKind];

/** A history of one session: calls that change it, and checks. */
function historyOf(calls: readonly Call[], checks: readonly Asked[]): History {
  const history = createHistory();
  const register = history.addRegister('session one');
  const credential = history.addCredential('session one', [register]);
  for (const call of calls) addCall(history, register, call);
  for (const [outcome, startMs, endMs, kind = 'publish'] of checks) {
    history.checks.add({ kind, credential, outcome, startMs, endMs, note: 'host 1' });
  }
  return history;
}

function addCall(history: History, register: number, [what, startMs, fate]: Call): void {
  const change = history.addChange(register, { allows: what === 'allow', startMs, label: what });
  if (typeof fate === 'number') settle(change, fate);
  if (fate === 'refused') change.refused = true;
}

const signedIn: Call = ['allow', 0, 1];
const revoked: Call = ['end', 10, 20];

const cases: [what: string, calls: Call[], checks: Asked[], rules: string[]][] = [
  [
    'a grant that started after the revocation returned',
    [signedIn, revoked],
    [['granted', 21, 22]],
    ['granted-after-revocation'],
  ],
  ['a grant that started while it was under way', [signedIn, revoked], [['granted', 19, 40]], []],
  ['a grant that started before it', [signedIn, revoked], [['granted', 5, 40]], []],
  [
    'a grant after a revocation that was refused',
    [signedIn, ['end', 10, 'refused']],
    [['granted', 21, 22]],
    [],
  ],
  [
    'a grant after a revocation of unknown fate',
    [signedIn, ['end', 10, 'unknown']],
    [['granted', 21, 22]],
    [],
  ],
  [
    'a grant after a revocation of unknown fate and its repeat',
    [signedIn, ['end', 10, 'unknown'], ['end', 12, 20]],
    [['granted', 21, 22]],
    ['granted-after-revocation'],
  ],
  ['a grant after it was allowed again', [signedIn, revoked, ['allow', 30, 40]], [['granted', 41, 42]], []],
  ['a grant while it is allowed again', [signedIn, revoked, ['allow', 30, 40]], [['granted', 25, 31]], []],
  [
    'a grant between the end and the new permission',
    [signedIn, revoked, ['allow', 30, 40]],
    [['granted', 25, 29]],
    ['granted-after-revocation'],
  ],
  [
    'a grant after two calls at the same time',
    [signedIn, ['end', 10, 20], ['allow', 15, 18]],
    [['granted', 21, 22]],
    [],
  ],
  [
    'a grant after a permission of unknown fate that came before the end',
    [['allow', 0, 'unknown'], revoked],
    [['granted', 21, 22]],
    [],
  ],
  ['a denial of what was never ended', [signedIn], [['denied', 5, 6]], ['denied-without-reason']],
  [
    'a denial that was over before the end began',
    [signedIn, revoked],
    [['denied', 5, 9]],
    ['denied-without-reason'],
  ],
  ['a denial while the end is under way', [signedIn, revoked], [['denied', 5, 11]], []],
  ['a denial after an end of unknown fate', [signedIn, ['end', 10, 'unknown']], [['denied', 500, 501]], []],
  [
    'a denial after an end that was refused',
    [signedIn, ['end', 10, 'refused']],
    [['denied', 21, 22]],
    ['denied-without-reason'],
  ],
  [
    'a denial after it was allowed again',
    [signedIn, revoked, ['allow', 30, 40]],
    [['denied', 41, 42]],
    ['denied-without-reason'],
  ],
  ['a denial before anybody knew that it is allowed', [signedIn], [['denied', 0.5, 6]], []],
  [
    'an outcome that nobody knows',
    [signedIn, revoked],
    [
      ['unknown', 5, 6],
      ['unknown', 30, 31],
    ],
    [],
  ],
  [
    'a renewal after the end',
    [signedIn, revoked],
    [['granted', 21, 22, 'renewal']],
    ['renewed-after-revocation'],
  ],
  [
    'a message published after the end that reached the revoked',
    [signedIn, revoked],
    [['granted', 21, 22, 'delivery']],
    ['delivered-after-revocation'],
  ],
  ['a message published before the end', [signedIn, revoked], [['granted', 19, 22, 'delivery']], []],
];

for (const [what, calls, checks, rules] of cases) {
  t.test(`${rules.length > 0 ? 'found' : 'no fault'}: ${what}`, async (t) => {
    t.same(
      judge(historyOf(calls, checks)).map(({ rule }) => rule),
      rules,
    );
  });
}

t.test('all that a check depends on must allow it', async (t) => {
  const history = createHistory();
  const [device, key, topic] = ['device', 'key', 'topic'].map(history.addRegister) as [
    number,
    number,
    number,
  ];
  const credential = history.addCredential('device with key', [device, key]);
  for (const register of [device, key, topic]) addCall(history, register, ['allow', 0, 1]);
  addCall(history, topic, ['end', 10, 20]);
  const ask = (outcome: Outcome, startMs: number, onTopic?: number) =>
    history.checks.add({
      ...{ kind: 'publish', credential, outcome, startMs, endMs: startMs + 1, note: '' },
      topic: onTopic,
    });

  ask('granted', 30);
  ask('denied', 30, topic);
  t.same(judge(history), [], 'the topic is denied, the device is not');

  ask('granted', 30, topic);
  ask('denied', 30);
  t.same(
    judge(history).map(({ rule }) => rule),
    ['granted-after-revocation', 'denied-without-reason'],
  );
});

t.test('found: two successors of one renewal token', async (t) => {
  const history = createHistory();
  const answer = (token: string, successor: string) =>
    history.addSuccessor({ token, successor, startMs: 1, endMs: 2 });

  answer('one.1', 'one.2');
  answer('one.1', 'one.2');
  answer('one.2', 'one.3');
  t.same(judge(history), []);

  answer('one.1', 'one.3');
  t.same(
    judge(history).map(({ rule }) => rule),
    ['two-successors'],
  );
});

t.test(
  'an explanation names the check, the change that proves it wrong, and the faults about then',
  async (t) => {
    const history = historyOf([signedIn, revoked], [['granted', 21, 22]]);
    history.addInjected('webhook of host 1 stands still', 15).endMs = 25;
    history.addInjected('long over', -9_000).endMs = -8_000;
    const [violation] = judge(history);
    const text = violation ? explain(history, violation) : '';

    t.match(text, /\[21\.00 … 22\.00\] publish by session one: granted/);
    t.match(text, /\[10\.00 … 20\.00\] end of session one proves it/);
    t.match(text, /webhook of host 1 stands still/);
    t.notMatch(text, /long over/);
  },
);

t.test('a million checks are judged in seconds', async (t) => {
  const history = historyOf([signedIn, revoked], []);
  for (let index = 0; index < 1_000_000; index += 1) {
    const startMs = index / 1e5;
    history.checks.add({
      kind: 'publish',
      credential: 0,
      outcome: 'granted',
      startMs,
      endMs: startMs + 1,
      note: '',
    });
  }
  const startMs = cpuMs();

  t.same(judge(history), []);
  t.ok(cpuMs() - startMs < 20_000);
});
