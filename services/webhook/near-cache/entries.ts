/** One thing to remember: what it is filed under, and how much memory it takes. */
export interface Entry<Value> {
  readonly key: string;
  readonly partition: string;
  /** Whose it is: all entries of an owner can be dropped at once. */
  readonly owner: string;
  readonly value: Value;
  bytes: number;
}

/** A memory of bounded size; what was not asked for since long is forgotten first. */
export interface Entries<Value> {
  find(key: string): Value | undefined;
  keep(entry: Entry<Value>): void;
  /** An entry takes more than it did. False if it is not here, or has to go for it. */
  charge(key: string, bytes: number): boolean;
  drop(key: string): void;
  dropOwner(partition: string, owner: string): void;
  dropPartition(partition: string): void;
  clear(): void;
  bytes(): number;
  count(): number;
}

/** So many that were asked for are passed over until one is forgotten all the same: forgetting takes no longer than this. */
const mostPassedOver = 8;

/** Makes an empty memory for `mostBytes`, as its entries state their sizes. `onDropped` is told of each that goes before all do. */
export function createEntries<Value>(
  mostBytes: number,
  onDropped: (key: string) => void = () => {},
): Entries<Value> {
  /** From the oldest to the newest. What was asked for gets a second turn as the newest; to ask moves nothing. */
  const entries = new Map<string, Entry<Value> & { isAsked?: boolean }>();
  const keysOf = new Map<string, Set<string>>();
  let bytes = 0;

  function drop(key: string): void {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    keysOf.get(entry.partition)?.delete(key);
    bytes -= entry.bytes;
    onDropped(key);
  }

  function keep(entry: Entry<Value>): void {
    drop(entry.key);
    if (entry.bytes > mostBytes) return;
    makeRoom(entry.bytes);
    entries.set(entry.key, entry);
    const keys = keysOf.get(entry.partition) ?? new Set();
    keysOf.set(entry.partition, keys.add(entry.key));
    bytes += entry.bytes;
  }

  function charge(key: string, more: number): boolean {
    const entry = entries.get(key);
    if (entry === undefined) return false;
    entry.bytes += more;
    bytes += more;
    makeRoom(0);
    return entries.has(key);
  }

  function makeRoom(more: number): void {
    let passedOver = 0;
    for (const [key, entry] of entries) {
      if (bytes + more <= mostBytes) return;
      if (entry.isAsked && passedOver < mostPassedOver) {
        passedOver += 1;
        entry.isAsked = false;
        entries.delete(key);
        entries.set(key, entry);
      } else {
        passedOver = 0;
        drop(key);
      }
    }
  }

  return {
    find(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entry.isAsked = true;
      return entry.value;
    },
    keep,
    charge,
    drop,
    dropOwner(partition, owner) {
      for (const key of keysOf.get(partition) ?? []) if (entries.get(key)?.owner === owner) drop(key);
    },
    dropPartition(partition) {
      for (const key of keysOf.get(partition) ?? []) drop(key);
    },
    clear() {
      entries.clear();
      keysOf.clear();
      bytes = 0;
    },
    bytes: () => bytes,
    count: () => entries.size,
  };
}
