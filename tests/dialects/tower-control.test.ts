import t from 'tap';
import { towerControl } from './adapters/tower-control.ts';
import { runBehaviours } from './behaviours.ts';

await runBehaviours(t, towerControl);
