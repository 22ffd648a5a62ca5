import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One question to the model: its size, what is broken in it, and what has to come out. */
export interface ModelCheck {
  readonly name: string;
  /** Definitions for the preprocessor: `HOLDERS=2`, `NO_WAIT`. */
  readonly defines: readonly string[];
  /** `holds`: no state breaks an assertion, in all states. `fails`: spin finds one that does. */
  readonly expected: 'holds' | 'fails';
}

/** What spin said. */
export interface ModelAnswer {
  readonly outcome: 'holds' | 'fails' | 'incomplete';
  readonly states: number;
  readonly seconds: number;
}

const model = fileURLToPath(new URL('lease.pml', import.meta.url));
const mostMegabytes = 3500;
const mostSeconds = 900;

/** Whether spin and a C compiler are there. */
export function hasSpin(): boolean {
  return ['spin', 'gcc'].every((program) => spawnSync(program, ['--version']).error === undefined);
}

/** Checks the model exhaustively: every state is stored as it is, none is taken for another by its hash. */
export function checkModel({ defines }: Pick<ModelCheck, 'defines'>): ModelAnswer {
  const folder = mkdtempSync(join(tmpdir(), 'bednet-model-'));
  try {
    run(folder, 'spin', ['-a', ...defines.map((define) => `-D${define}`), model]);
    run(folder, 'gcc', ['-O2', '-w', '-DSAFETY', `-DMEMLIM=${mostMegabytes}`, '-o', 'pan', 'pan.c']);
    const startMs = performance.now();
    // -E: a run may end anywhere, as a crashed holder does.
    const text = run(folder, './pan', ['-E', '-m1000000']);
    return { ...readAnswer(text), seconds: (performance.now() - startMs) / 1000 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(folder: string, program: string, args: string[]): string {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: mostSeconds * 1000,
  });
  if (error !== undefined) throw error;
  if (status !== 0 && program !== './pan') throw new Error(`${program} failed: ${stdout}${stderr}`);
  return stdout;
}

function readAnswer(text: string): Omit<ModelAnswer, 'seconds'> {
  const errors = Number(/errors: (\d+)/.exec(text)?.[1] ?? Number.NaN);
  const states = Number(/(\d+) states, stored/.exec(text)?.[1] ?? 0);
  if (errors > 0 && text.includes('assertion violated')) return { outcome: 'fails', states };
  const isWhole = errors === 0 && !/Search not completed|max search depth too small|out of memory/.test(text);
  return { outcome: isWhole ? 'holds' : 'incomplete', states };
}
