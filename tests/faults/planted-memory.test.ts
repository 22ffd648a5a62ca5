import t from 'tap';
import { memoryBugs } from './planted/bugs.ts';
import { findPlanted } from './planted/find-planted.ts';

await findPlanted(t, memoryBugs);
