import { Histogram, type Registry } from 'prom-client';

type Values = Awaited<ReturnType<Histogram['get']>>['values'];

interface Seen {
  /** How many were in each bucket, and beyond the last. */
  readonly counts: number[];
  sum: number;
}

/**
 * Makes a histogram by one label that costs next to nothing to observe by, as createTally a counter: it is a metric of its own,
 * which adds up what Prometheus' one would when it is read.
 */
export function createDurations<Label extends string>({
  buckets,
  registers,
  labelName,
  ...names
}: {
  name: string;
  help: string;
  labelName: string;
  /** Upper bounds, in ascending order. */
  buckets: readonly number[];
  registers: Registry[];
}): (label: Label, value: number) => void {
  const seen = new Map<Label, Seen>();
  const metric = { ...names, type: 'histogram', aggregator: 'sum' };
  const get = async () => ({ ...metric, values: [...seen].flatMap(valuesOf) });
  const registered: unknown = { ...metric, get, reset: () => seen.clear() };
  for (const registry of registers) registry.registerMetric(registered as Histogram);

  function valuesOf([label, { counts, sum }]: [Label, Seen]): Values {
    const labels = { [labelName]: label };
    let count = 0;
    const inBuckets = counts.map((own, index) => {
      count += own;
      const le = buckets[index] ?? '+Inf';
      return { metricName: `${names.name}_bucket`, labels: { le, ...labels }, value: count };
    });
    return [
      ...inBuckets,
      { metricName: `${names.name}_sum`, labels, value: sum },
      { metricName: `${names.name}_count`, labels, value: count },
    ];
  }

  function begin(label: Label): Seen {
    const own = { counts: new Array<number>(buckets.length + 1).fill(0), sum: 0 };
    seen.set(label, own);
    return own;
  }

  return (label, value) => {
    const own = seen.get(label) ?? begin(label);
    let index = 0;
    while (index < buckets.length && value > (buckets[index] as number)) index += 1;
    own.counts[index] = (own.counts[index] as number) + 1;
    own.sum += value;
  };
}
