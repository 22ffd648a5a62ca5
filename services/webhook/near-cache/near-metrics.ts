import { Counter, Gauge, type Registry } from 'prom-client';
import { createTally } from '../tally.ts';

/** How an ACL check came to its facts. */
export type Lookup = 'hit' | 'miss' | 'joined' | 'read-again' | 'no-lease';

/** The numbers that the near cache keeps about itself. */
export interface NearMetrics {
  countLookup(lookup: Lookup): void;
  countVoided(): void;
  countLost(): void;
  /** Asked when the metrics are read. */
  watch(memory: { bytes(): number; count(): number; isValid(): boolean }): void;
}

/** Adds the metrics of the near cache to a registry. */
export function createNearMetrics(registry: Registry): NearMetrics {
  const registers = [registry];
  const lookups = createTally({
    name: 'bednet_near_cache_lookups_total',
    help: 'ACL checks by how they came to their facts; a hit asks nobody.',
    labelNames: ['lookup'],
    registers,
  });
  const voided = new Counter({
    name: 'bednet_near_cache_voided_total',
    help: 'Reads whose result was not kept, as something changed meanwhile.',
    registers,
  });
  const lost = new Counter({
    name: 'bednet_near_cache_leases_lost_total',
    help: 'Times that the lease was lost and the memory emptied.',
    registers,
  });
  return {
    countLookup: lookups,
    countVoided: () => voided.inc(),
    countLost: () => lost.inc(),
    watch: (memory) => watchMemory(registers, memory),
  };
}

function watchMemory(registers: Registry[], memory: Parameters<NearMetrics['watch']>[0]): void {
  const gauges: [name: string, help: string, read: () => number][] = [
    ['bednet_near_cache_bytes', 'About how many bytes the memory takes.', memory.bytes],
    ['bednet_near_cache_entries', 'Sessions and clients of devices in memory.', memory.count],
    ['bednet_near_cache_lease_valid', '1 while the lease is valid.', () => Number(memory.isValid())],
  ];
  for (const [name, help, read] of gauges) {
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(read());
      },
    });
  }
}
