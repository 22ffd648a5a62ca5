import { notCovered, plantedBugs, protocol, reachable } from './checks.ts';
import { checkModel, type ModelCheck } from './spin.ts';

/*
 * `make model`: checks the protocol in all its states, and that the models find each planted bug. Ends with status 1 if
 * anything comes out otherwise.
 */
const parts: [title: string, checks: readonly ModelCheck[]][] = [
  ['The protocol', protocol],
  ['Planted bugs', plantedBugs],
  ['Reached', reachable],
  ['Not covered', notCovered],
];

const startMs = performance.now();
for (const [title, checks] of parts) {
  let right = 0;
  for (const check of checks) right += Number(await report(check));
  console.log(`${title}: ${right} of ${checks.length} as expected\n`);
}
console.log(`${((performance.now() - startMs) / 1000).toFixed(0)} s in all`);

/** True if it came out as expected. */
async function report(check: ModelCheck): Promise<boolean> {
  const { outcome, states, megabytes, seconds, unreached } = await checkModel(check);
  const isRight = outcome === check.expected && (outcome === 'fails' || unreached.length === 0);
  const found = outcome === 'fails' ? 'found' : 'holds in all states';
  const verdict = isRight ? found : `WRONG: ${outcome}, never taken: ${unreached.join('; ')}`;
  const cost = `${states.toLocaleString('en')} states, ${megabytes.toFixed(0)} MB, ${seconds.toFixed(1)} s`;
  console.log(`  ${check.name}: ${verdict} (${cost})`);
  if (!isRight) process.exitCode = 1;
  return isRight;
}
