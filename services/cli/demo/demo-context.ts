import type { BednetCommand } from './bednet-command.ts';
import type { Person } from './people.ts';
import type { RunningStack } from './running-stack.ts';
import type { Story } from './story.ts';

/** What every chapter of the demo works with. */
export interface DemoContext {
  story: Story;
  stack: RunningStack;
  bednet: BednetCommand;
  ana: Person;
  ben: Person;
  /** The topic that both will be allowed to use. */
  topic: string;
  /** Says what must be undone at the end, whatever happens until then; the last one is undone first. */
  atEnd(what: string, undo: () => Promise<unknown>): void;
}
