import t from 'tap';
import { expectStrictness } from './short-run.ts';

t.test('nothing is granted after its revocation, and nothing denied before, while parts fail', async (t) => {
  await expectStrictness(t, { caches: 'all', durationMs: 8_000 });
});
