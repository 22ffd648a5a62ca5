import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { defaultHashCost } from '../../../services/core/passwords/defaults.ts';

/** The machine's ceiling: argon2id checks by as many loops as cores, with the session service's cost, and nothing else. */
const { memoryKib, passes, parallelism } = defaultHashCost;
const password = 'the password that is checked';
const hash = await argon2.hash(password, {
  type: argon2.argon2id,
  memoryCost: memoryKib,
  timeCost: passes,
  parallelism,
});

process.on('message', ({ durationMs }: { durationMs: number }) => {
  void verifyFor(durationMs).then((latenciesMs) => process.send?.({ latenciesMs }));
});
process.send?.({ ready: true });

async function verifyFor(durationMs: number): Promise<number[]> {
  const startMs = performance.now();
  const latenciesMs: number[] = [];
  const loop = async () => {
    while (performance.now() - startMs < durationMs) {
      const verifyMs = performance.now();
      await argon2.verify(hash, password);
      latenciesMs.push(performance.now() - verifyMs);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, loop));
  return latenciesMs;
}
