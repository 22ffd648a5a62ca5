import type { PartName } from './part-names.ts';

/** How one part is started and how one sees that it is healthy. */
export interface PartPlan {
  name: PartName;
  command: string;
  args: string[];
  environment: Record<string, string>;
  logFile: string;
  /** Writes the configuration that the program reads, afresh before each start. */
  prepare?: () => void;
  /** Throws an Error that says what is wrong unless the part answers as it should. */
  probe: () => Promise<void>;
  /** Whether the program can miss a SIGTERM, and does no harm when it gets several. */
  stopIsRepeated?: boolean;
}

/** What became of a part: `dead` = it ended though nobody asked it to. */
export type PartState = 'stopped' | 'starting' | 'healthy' | 'stopping' | 'dead';

/** The unexpected end of a part. */
export interface PartDeath {
  part: PartName;
  /** One sentence: how it ended, what its log says, where the log is. */
  message: string;
}
