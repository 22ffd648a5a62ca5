import type { Limits, Measurement } from '../measurement.ts';
import { nextMessage, startScript, type Program } from './program.ts';

/** A process that does nothing but check passwords. */
export interface Argon2Program extends Program {
  measure(limits: Limits): Promise<Measurement>;
}

export async function startArgon2(): Promise<Argon2Program> {
  const program = startScript(new URL('argon2-program.ts', import.meta.url));
  await nextMessage(program);
  return {
    ...program,
    async measure({ durationMs }) {
      const startMs = performance.now();
      program.child.send({ durationMs });
      const { latenciesMs } = await nextMessage<{ latenciesMs: number[] }>(program);
      const seconds = (performance.now() - startMs) / 1000;
      return { count: latenciesMs.length, seconds, latenciesMs, errors: {}, generatorBusy: 0 };
    },
  };
}
