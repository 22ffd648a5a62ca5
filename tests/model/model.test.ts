import t from 'tap';
import { plantedBugs, protocol, reachable } from './checks.ts';
import { checkModel, hasSpin } from './spin.ts';

/** The large ones take a minute or more: `make model`. */
const small = protocol.slice(0, 2);

t.test(
  'the lease protocol holds in every state, and the model finds each planted bug',
  { skip: hasSpin() ? false : 'spin is not installed: `make model` installs it' },
  async (t) => {
    for (const check of [...small, ...plantedBugs, ...reachable]) {
      t.equal(checkModel(check).outcome, check.expected, check.name);
    }
  },
);
