import t from 'tap';
import { testFailOvers } from '../faults/fail-over-run.ts';

testFailOvers(t, 'while primaries of a cluster fail', { redis: 'cluster', caches: 'none' });
