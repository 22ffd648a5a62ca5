import { nextMessage, startScript, type Program } from './program.ts';

/** A Fastify server that grants every check with a constant. */
export interface BareFastify extends Program {
  port: number;
}

export async function startBareFastify(): Promise<BareFastify> {
  const program = startScript(new URL('bare-fastify-program.ts', import.meta.url));
  const { port } = await nextMessage<{ port: number }>(program);
  return { ...program, port };
}
