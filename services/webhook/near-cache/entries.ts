/** One thing to remember: what it is filed under, and how much memory it takes. */
export interface Entry<Value> {
  readonly key: string;
  readonly partition: string;
  /** Whose it is: all entries of an owner can be dropped at once. */
  readonly owner: string;
  readonly value: Value;
  bytes: number;
}

/** A memory of bounded size; what was not asked for the longest is forgotten first. */
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

/** Makes an empty memory for `mostBytes`, as its entries state their sizes. `onDropped` is told of each that goes before all do. */
export function createEntries<Value>(
  mostBytes: number,
  onDropped: (key: string) => void = () => {},
): Entries<Value> {
  /** In the order of their last use: a Map keeps the order of insertion. */
  const entries = new Map<string, Entry<Value>>();
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
    entries.set(entry.key, entry);
    const keys = keysOf.get(entry.partition) ?? new Set();
    keysOf.set(entry.partition, keys.add(entry.key));
    bytes += entry.bytes;
    shrink();
  }

  function charge(key: string, more: number): boolean {
    const entry = entries.get(key);
    if (entry === undefined) return false;
    entry.bytes += more;
    bytes += more;
    shrink();
    return entries.has(key);
  }

  function shrink(): void {
    for (const oldest of entries.keys()) {
      if (bytes <= mostBytes) return;
      drop(oldest);
    }
  }

  return {
    find(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
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
