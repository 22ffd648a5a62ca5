import { existsSync, globSync, readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { plantedBugs, protocol, reachable } from './checks.ts';
import { checkModel, hasSpin, type ModelCheck } from './spin.ts';

/** The large ones: `make model`. */
const small = protocol.filter(({ isLarge }) => !isLarge);
const folder = new URL('.', import.meta.url).pathname;

t.test(
  'no check that begins after a revocation has returned is granted, in every state; and the models find each planted bug',
  { skip: hasSpin() ? false : 'spin is not installed: `make model` installs it' },
  async (t) => {
    const checks = [...small, ...plantedBugs, ...reachable];
    // Two at a time: compiling takes longer than searching.
    await Promise.all(
      [0, 1].map((half) =>
        checkAll(
          t,
          checks.filter((_, index) => index % 2 === half),
        ),
      ),
    );
  },
);

t.test('each step of the models stands for functions that exist', async (t) => {
  const rows = readFileSync(`${folder}lease.pml`, 'utf8').matchAll(
    /^ \* {3}((?:[A-Z]\d? )+) *(\S+\.(?:ts|lua|c))(?:: (.+))?$/gm,
  );
  const told = new Set<string>();

  for (const [, steps = '', file = '', names = ''] of rows) {
    for (const step of steps.trim().split(' ')) told.add(step);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    if (text === undefined) t.fail(`${file} is gone`);
    for (const name of names.split(', ').filter(Boolean)) {
      const isDefined = new RegExp(
        `^(?!\\s*(?:return|await|void)\\b).*\\b${name}(?:<.*>)?(?:\\(|: \\()`,
        'm',
      );
      t.ok(isDefined.test(text ?? ''), `${file}: ${name}`);
    }
  }

  const models = globSync(`${folder}*.pml`)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const steps = [...models.matchAll(/\/\*\s+(?:\* )?([A-Z]\d?): /g)].map(([, step]) => step ?? '');
  t.same([...told].sort(), [...new Set(steps)].filter((step) => step !== 'D').sort());
});

async function checkAll(t: Test, checks: readonly ModelCheck[]): Promise<void> {
  for (const check of checks) {
    const { outcome, unreached } = await checkModel(check);
    t.equal(outcome, check.expected, check.name);
    if (outcome === 'holds') t.same(unreached, [], `${check.name}: every step is taken`);
  }
}
