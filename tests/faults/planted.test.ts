import t from 'tap';
import { plantedBugs } from './planted/bugs.ts';
import { findPlanted } from './planted/find-planted.ts';
import { replaceOnce } from './planted/overlay.ts';

const bugs = plantedBugs.filter(({ isInSuite }) => isInSuite || process.env['PLANTED'] === 'all');

await findPlanted(t, bugs);

t.test('a bug that is not planted exactly once is an error', async (t) => {
  t.equal(replaceOnce('a lease', 'lease', 'bug'), 'a bug');
  t.throws(() => replaceOnce('a lease', 'holder', 'bug'), /found 0 times/);
  t.throws(() => replaceOnce('a lease, a lease', 'lease', 'bug'), /found 2 times/);
});
