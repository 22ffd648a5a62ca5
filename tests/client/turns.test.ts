import t from 'tap';
import { createTurns } from '../../services/client/turns.ts';

for (const name of ['bednet of tabs', undefined]) {
  const where = name === undefined ? 'in one tab' : 'in all tabs';

  t.test(`requests for tokens go one at a time ${where}, also after one that failed`, async (t) => {
    const turns = createTurns(name);
    const others = name === undefined ? turns : createTurns(name);
    const gate = Promise.withResolvers<void>();
    const done: string[] = [];
    const first = turns.take(async () => {
      await gate.promise;
      done.push('first');
      throw new Error('no answer');
    });
    const second = others.take(async () => done.push('second'));

    gate.resolve();
    await t.rejects(first, { message: 'no answer' });
    await second;

    t.strictSame(done, ['first', 'second']);
  });
}

t.test('a tab that never ends its turn holds up no other one for ever', async (t) => {
  const impatience = new AbortController();
  const asked = t.capture(AbortSignal, 'timeout', () => impatience.signal);
  const gate = Promise.withResolvers<void>();
  const stuck = createTurns('bednet stuck').take(() => gate.promise);

  const answer = createTurns('bednet stuck').take(async () => 'went on');
  impatience.abort();

  t.equal(await answer, 'went on');
  t.strictSame(asked().at(-1)?.args, [15_000], 'longer than a request may take');
  gate.resolve();
  await stuck;
});
