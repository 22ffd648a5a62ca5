import type { Store } from '../redis/store.ts';
import { forgetHolders } from './holders.ts';

/** Names of a holder under which nothing is answered from memory any more, as far as Redis may not know that yet. */
export interface AbandonedNames {
  add(id: string): void;
  /** It is the holder's name after all. */
  keep(id: string): void;
  /** Takes them off the list, so that revokers don't wait for them. */
  forget(): Promise<void>;
}

/** Begins with no name. */
export function openAbandonedNames(store: Store): AbandonedNames {
  const names = new Set<string>();
  return {
    add: (id) => void names.add(id),
    keep: (id) => void names.delete(id),
    async forget() {
      const ids = [...names];
      if (ids.length > 0) await forgetHolders(store, ids);
      for (const id of ids) names.delete(id);
    },
  };
}
