/** Which version of the rules is in force; all checks share it. */
export interface RulesVersion {
  /** `known` is false until a read has told it; `version` is undefined while nobody has written rules. */
  find(): { readonly known: true; readonly version: string | undefined } | { readonly known: false };
  /** To be taken before a read is sent: keeps what the read tells, unless the rules were changed meanwhile. */
  beginRead(): (version: string | undefined) => void;
  forget(): void;
}

/** Makes the memory of the version, which knows nothing yet. `onForgotten` is told each time. */
export function createRulesVersion(onForgotten: () => void = () => {}): RulesVersion {
  let current: ReturnType<RulesVersion['find']> = { known: false };
  let changes = 0;
  return {
    find: () => current,
    beginRead() {
      const changesBefore = changes;
      return (version) => {
        if (changes === changesBefore) current = { known: true, version };
      };
    },
    forget() {
      changes += 1;
      current = { known: false };
      onForgotten();
    },
  };
}
