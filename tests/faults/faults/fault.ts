import type { Random } from '../../support/random.ts';
import type { FaultStage } from '../stage/stage.ts';

/** Something that is broken on purpose. When it returns all is whole again, as far as the fault goes. */
export interface Fault {
  /** For people and for choosing faults by name. */
  readonly name: string;
  /** How long all is to stay whole before it, so that there is something to lose; 0 by default. */
  readonly restMs?: number;
  /** Why it can't be had on this stage, or undefined if it can. */
  missing?(stage: FaultStage): string | undefined;
  /** Breaks something and mends it. Returns what exactly, for the history. */
  inject(stage: FaultStage, random: Random, tell: (what: string) => void): Promise<void>;
}
