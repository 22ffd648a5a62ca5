/** What a read under way is filed under. */
export interface FillName {
  readonly key: string;
  readonly partition: string;
}

/** Reads under way that fill the memory. */
export interface Fills<Value> {
  /** The read of a key that is under way, unless something was invalidated since it was sent. */
  find(key: string): Promise<Value> | undefined;
  /** Begins a read in the place of one that may be under way. `keep` gets its result unless it is void by then. */
  begin(name: FillName, read: () => Promise<Value>, keep: (value: Value) => void): Promise<Value>;
  /** Voids reads: whoever waits for one has begun before the change was over, and gets its result; nobody else does. */
  voidKey(key: string): void;
  voidPartition(partition: string): void;
  voidAll(): void;
}

/** Makes the list of reads under way. `onVoided` is told of each one that is not kept. */
export function createFills<Value>(onVoided: () => void): Fills<Value> {
  const fills = new Map<string, { partition: string; value: Promise<Value> }>();

  function voidKey(key: string): void {
    if (fills.delete(key)) onVoided();
  }

  return {
    find: (key) => fills.get(key)?.value,
    begin({ key, partition }, read, keep) {
      const value = read();
      const fill = { partition, value };
      fills.set(key, fill);
      value.then(
        (result) => {
          if (end()) keep(result);
        },
        () => void end(), // Whoever waits for it is told.
      );
      return value;

      function end(): boolean {
        return fills.get(key) === fill && fills.delete(key);
      }
    },
    voidKey,
    voidPartition(partition) {
      for (const [key, fill] of fills) if (fill.partition === partition) voidKey(key);
    },
    voidAll() {
      for (const key of fills.keys()) voidKey(key);
    },
  };
}
