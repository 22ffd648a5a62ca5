import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import t from 'tap';
import { createDurations } from '../../services/webhook/durations.ts';

const names = { name: 'bednet_test_seconds', help: 'How long.' };
const buckets = [0.000_1, 0.001, 0.5, 2];

t.test("durations are told as Prometheus' own histogram tells them", async () => {
  const observed = fc.array(
    fc.tuple(
      fc.constantFrom('user', 'acl'),
      fc.oneof(fc.constantFrom(0, ...buckets), fc.double({ min: 0, max: 5, noNaN: true })),
    ),
  );

  await fc.assert(
    fc.asyncProperty(observed, async (all) => {
      const [own, theirs] = [new Registry(), new Registry()];
      const observe = createDurations({ ...names, labelName: 'check', buckets, registers: [own] });
      const histogram = new Histogram({ ...names, labelNames: ['check'], buckets, registers: [theirs] });
      for (const [check, seconds] of all) {
        observe(check, seconds);
        histogram.labels(check).observe(seconds);
      }
      return (await own.metrics()) === (await theirs.metrics());
    }),
  );
});
