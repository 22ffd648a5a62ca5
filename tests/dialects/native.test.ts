import t from 'tap';
import { native } from './adapters/native.ts';
import { runBehaviours } from './behaviours.ts';

await runBehaviours(t, native);
