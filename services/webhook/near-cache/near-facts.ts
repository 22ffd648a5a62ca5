import type { FactsSource, Sourced } from '../../core/check/facts-source.ts';
import { readDeviceFacts, type DeviceCheckFacts } from '../../core/check/read-device-facts.ts';
import { readFacts, type Facts } from '../../core/check/read-facts.ts';
import { partitionOf, partitionOfDevice, sidOfClientId } from '../../core/ids.ts';
import type { Lease } from '../../core/leases/lease.ts';
import type { Store } from '../../core/redis/store.ts';
import { deviceName } from './drop-by-events.ts';
import { sizeOf } from './size-of.ts';
import type { Entries } from './entries.ts';
import type { Fills } from './fills.ts';
import type { NearMetrics } from './near-metrics.ts';
import type { RulesVersion } from './rules-version.ts';

/** What is known about a session or a client of a device, without what all share: the rules and the time. */
export type Remembered =
  Omit<Facts, 'rulesVersion' | 'nowMs'> | Omit<DeviceCheckFacts, 'rulesVersion' | 'nowMs'>;

/** All that is kept. */
export interface Memory {
  readonly entries: Entries<Remembered>;
  readonly fills: Fills<unknown>;
  readonly rulesVersion: RulesVersion;
}

interface Asked<Read> {
  readonly key: string;
  readonly partition: string;
  ownerOf(read: Read): string;
  read(): Promise<Read>;
}

interface Shared {
  readonly rulesVersion: string | undefined;
  readonly nowMs: number;
}

/** Finds facts in the memory while the lease is valid, else in Redis. */
export function createNearFacts(
  store: Store,
  { lease, memory, metrics }: { lease: Lease; memory: Memory; metrics: NearMetrics },
): FactsSource {
  const { entries, fills, rulesVersion } = memory;

  /** The lease is looked at after the check has begun and in one go with the memory: that is what the promise rests on. */
  function find<Read extends Shared>(
    asked: Asked<Read>,
    how?: 'afresh',
  ): Promise<Sourced<Read>> | Sourced<Read> {
    if (!lease.isValid()) {
      metrics.countLookup('no-lease');
      return asked.read();
    }
    if (how === 'afresh') {
      metrics.countLookup('read-again');
      return fill(asked);
    }
    const remembered = entries.find(asked.key);
    const rules = rulesVersion.find();
    if (remembered !== undefined && rules.known) {
      metrics.countLookup('hit');
      const shared = { rulesVersion: rules.version, nowMs: lease.redisNowMs(), mayBeOlder: true };
      return { ...remembered, ...shared } as unknown as Sourced<Read>;
    }
    const underWay = fills.find(asked.key);
    if (underWay) return join(asked, underWay as Promise<Read>);
    metrics.countLookup('miss');
    return fill(asked);
  }

  function fill<Read extends Shared>({ key, partition, ownerOf, read }: Asked<Read>): Promise<Read> {
    const keepVersion = rulesVersion.beginRead();
    const keep = (facts: Read) => {
      const { rulesVersion: version, nowMs: _nowMs, ...value } = facts;
      keepVersion(version);
      if (isOfStranger(value as unknown as Remembered)) return;
      const owner = ownerOf(facts);
      const remembered = value as unknown as Remembered;
      entries.keep({ key, partition, owner, value: remembered, bytes: sizeOf(key, owner, remembered) });
    };
    return fills.begin({ key, partition }, read, keep as (facts: unknown) => void) as Promise<Read>;
  }

  /** Time has passed since the read was sent. */
  async function join<Read extends Shared>(
    asked: Asked<Read>,
    underWay: Promise<Read>,
  ): Promise<Sourced<Read>> {
    metrics.countLookup('joined');
    const facts = await underWay;
    if (!lease.isValid()) return asked.read();
    return { ...facts, nowMs: Math.max(facts.nowMs, lease.redisNowMs()), mayBeOlder: true };
  }

  return {
    readFacts: (sid, how) => {
      const read = () => readFacts(store, sid);
      const ownerOf = ({ session }: Facts) => session?.uid ?? '';
      return find({ key: sid, partition: partitionOf(sid), ownerOf, read }, how);
    },
    readDeviceFacts: (client, how) => {
      const read = () => readDeviceFacts(store, client);
      // Such a device depends on a session too, in another partition.
      if (sidOfClientId(client.clientId) !== undefined) return read();
      const owner = deviceName(client.deviceId);
      const partition = partitionOfDevice(client.deviceId);
      return find({ key: deviceName(client.clientId), partition, ownerOf: () => owner, read }, how);
    },
  };
}

/** A device that doesn't exist, or a client id that never signed in with its key: anybody can make up any number of them. */
function isOfStranger(facts: Remembered): boolean {
  return 'device' in facts && (facts.device === undefined || facts.connectedEpoch === undefined);
}
