/** Which slots depend on which entry of the near cache. */
export interface NotedSlots {
  /** Notes that a grant of `slot` depends on an entry. */
  note(key: string, slot: number, nowMs: number): 'first' | 'further' | 'noted-before' | 'too-many';
  /** The entry is gone: voids the grants that depend on it. */
  drop(key: string): void;
  /** All entries are gone, and all grants are void already. */
  clear(): void;
}

/** As many as a session's client ids that can be kicked. */
export const mostSlotsPerEntry = 64;

/** How much memory the first slot of an entry takes, and each further one; rather more than less. */
export const firstSlotBytes = 320;
export const furtherSlotBytes = 24;

/** Client ids with random ends wear the slots of a long session out: after this time it may begin again. */
const beginAgainMs = 60_000;

/** Makes an empty list; `bump` voids the grants of slots. */
export function createNotedSlots(bump: (slots: readonly number[]) => void): NotedSlots {
  const noted = new Map<string, { sinceMs: number; slots: number[] }>();

  return {
    note(key, slot, nowMs) {
      const entry = noted.get(key);
      if (entry === undefined) {
        noted.set(key, { sinceMs: nowMs, slots: [slot] });
        return 'first';
      }
      if (entry.slots.includes(slot)) return 'noted-before';
      if (entry.slots.length < mostSlotsPerEntry) {
        entry.slots.push(slot);
        return 'further';
      }
      if (nowMs - entry.sinceMs < beginAgainMs) return 'too-many';
      bump(entry.slots);
      entry.sinceMs = nowMs;
      entry.slots = [slot];
      return 'noted-before';
    },
    drop(key) {
      const entry = noted.get(key);
      if (entry === undefined) return;
      noted.delete(key);
      bump(entry.slots);
    },
    clear: () => noted.clear(),
  };
}
