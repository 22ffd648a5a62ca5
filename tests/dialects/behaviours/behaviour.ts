import type { Test } from 'tap';
import type { Hands } from '../dialect-stage.ts';

/** One thing that every dialect does alike. */
export type Behaviour = (t: Test, hands: Hands) => Promise<void>;

/** Behaviours by what they say. */
export type Behaviours = Readonly<Record<string, Behaviour>>;
