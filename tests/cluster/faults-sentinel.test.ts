import t from 'tap';
import { testFailOvers } from '../faults/fail-over-run.ts';

testFailOvers(t, 'behind Sentinels, without a cache', { redis: 'sentinel', caches: 'none' });
testFailOvers(t, 'behind Sentinels, with both caches', { redis: 'sentinel', caches: 'all' });
