import { notCovered, plantedBugs, protocol, reachable } from './checks.ts';
import { checkModel, type ModelCheck } from './spin.ts';

/*
 * `make model`: checks the lease protocol in all its states, and that the model finds each planted bug. Ends with status 1
 * if anything comes out otherwise.
 */
const parts: [title: string, checks: readonly ModelCheck[]][] = [
  ['The protocol', protocol],
  ['Planted bugs', plantedBugs],
  ['Reached', reachable],
  ['Not covered', notCovered],
];

for (const [title, checks] of parts) {
  console.log(title);
  for (const check of checks) report(check);
}

function report(check: ModelCheck): void {
  const { outcome, states, seconds } = checkModel(check);
  const found = check.expected === 'fails' ? 'found' : 'holds in all states';
  const verdict = outcome === check.expected ? found : `WRONG: ${outcome}`;
  console.log(`  ${check.name}: ${verdict} (${states.toLocaleString('en')} states, ${seconds.toFixed(1)} s)`);
  if (outcome !== check.expected) process.exitCode = 1;
}
