import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** One question to a model: its size, what is broken in it, and what has to come out. */
export interface ModelCheck {
  readonly name: string;
  readonly model: 'lease' | 'decision-cache' | 'fail-over';
  /** Definitions for the preprocessor: `HOLDERS=2`, `NO_WAIT`. */
  readonly defines: readonly string[];
  /** `holds`: no state breaks an assertion, in all states. `fails`: spin finds one that does. */
  readonly expected: 'holds' | 'fails';
  /** It takes minutes, so that a fast program is worth its compilation. */
  readonly isLarge?: boolean;
}

/** What spin said. */
export interface ModelAnswer {
  readonly outcome: 'holds' | 'fails' | 'incomplete';
  readonly states: number;
  readonly megabytes: number;
  /** Without the time that spin and the compiler take. */
  readonly seconds: number;
  /** Steps of the model that no run takes; only meant where it holds. */
  readonly unreached: readonly string[];
}

const mostMegabytes = 3500;
const mostSeconds = 900;

/** Whether spin and a C compiler are there. */
export function hasSpin(): boolean {
  return ['spin', 'gcc'].every((program) => spawnSync(program, ['--version']).error === undefined);
}

/** Checks a model exhaustively: every state is stored as it is, none is taken for another by its hash. */
export async function checkModel({ model, defines, isLarge = false }: ModelCheck): Promise<ModelAnswer> {
  const folder = mkdtempSync(join(tmpdir(), 'bednet-model-'));
  const run = runIn(folder);
  const file = fileURLToPath(new URL(`${model}.pml`, import.meta.url));
  const effort = isLarge ? '-O2' : '-O0';
  try {
    await run('spin', ['-a', ...defines.map((define) => `-D${define}`), file]);
    await run('gcc', [effort, '-w', '-DSAFETY', `-DMEMLIM=${mostMegabytes}`, '-o', 'pan', 'pan.c']);
    const startMs = performance.now();
    // -E: a run may end anywhere, as a crashed holder does.
    const text = await run('./pan', ['-E', '-m100000', '-w20']);
    return { ...readAnswer(text), seconds: (performance.now() - startMs) / 1000 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program to its end and returns what it prints; throws if it fails, with what it says. */
function runIn(cwd: string): (program: string, args: string[]) => Promise<string> {
  const options = { cwd, timeout: mostSeconds * 1000, maxBuffer: 10_000_000 };
  return async (program, args) => (await promisify(execFile)(program, args, options)).stdout;
}

function readAnswer(text: string): Omit<ModelAnswer, 'seconds'> {
  const errors = Number(/errors: (\d+)/.exec(text)?.[1] ?? Number.NaN);
  const states = Number(/(\d+) states, stored/.exec(text)?.[1] ?? 0);
  const megabytes = Number(/([\d.]+)\s+total actual memory usage/.exec(text)?.[1] ?? Number.NaN);
  const unreached = [...text.matchAll(/, state \d+, "(.*)"/g)].map(([, step]) => step ?? '');
  const found = { states, megabytes, unreached: unreached.filter((step) => step !== '-end-') };
  if (errors > 0 && text.includes('assertion violated')) return { outcome: 'fails', ...found };
  const isWhole = errors === 0 && !/Search not completed|max search depth too small|out of memory/.test(text);
  return { outcome: isWhole ? 'holds' : 'incomplete', ...found };
}
