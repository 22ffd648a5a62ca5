import t from 'tap';
import { truthBugs } from './planted/bugs.ts';
import { findPlanted } from './planted/find-planted.ts';
import { replaceOnce } from './planted/overlay.ts';

await findPlanted(t, truthBugs);

t.test('a bug that is not planted exactly once is an error', async (t) => {
  t.equal(replaceOnce('a lease', 'lease', 'bug'), 'a bug');
  t.throws(() => replaceOnce('a lease', 'holder', 'bug'), /found 0 times/);
  t.throws(() => replaceOnce('a lease, a lease', 'lease', 'bug'), /found 2 times/);
});
