import { parseArgs } from 'node:util';

/** What the person asked for. */
export interface BenchFlags {
  only: string[];
  rounds: number;
  json: boolean;
}

/** A flag that can't be followed: one sentence for the person at the terminal. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

const defaultRounds = 5;
const mostRounds = 50;

/** Reads `--only <row>` (repeatable), `--rounds <n>` and `--json`; throws a FlagError. */
export function readFlags(args: string[], rowNames: readonly string[]): BenchFlags {
  const { only, rounds, json } = parse(args);
  const unknown = only.find((name) => !rowNames.includes(name));
  if (unknown !== undefined) {
    throw new FlagError(`--only ${unknown}: there is no such row; rows are ${rowNames.join(', ')}`);
  }
  const count = Number(rounds);
  if (!Number.isInteger(count) || count < 1 || count > mostRounds) {
    throw new FlagError(`--rounds ${rounds}: must be a whole number from 1 to ${mostRounds}`);
  }
  return { only, rounds: count, json };
}

function parse(args: string[]): { only: string[]; rounds: string; json: boolean } {
  const options = {
    only: { type: 'string', multiple: true, default: [] as string[] },
    rounds: { type: 'string', default: String(defaultRounds) },
    json: { type: 'boolean', default: false },
  } as const;
  try {
    const { values } = parseArgs({ args, options: { ...options, only: { ...options.only, default: [] } } });
    return { only: values.only, rounds: values.rounds, json: values.json };
  } catch (error) {
    throw new FlagError((error as Error).message);
  }
}
