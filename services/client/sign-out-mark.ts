/** Whether a sign-out is still to be told to the server, kept over reloads. It holds no token, only that this is so. */
export interface SignOutMark {
  readonly isSet: boolean;
  set(): void;
  clear(): void;
}

/** The mark of the API at `baseUrl`; where the browser keeps nothing, it is never set. */
export function openSignOutMark(baseUrl: string): SignOutMark {
  const name = `bednet signing out ${baseUrl}`;
  return {
    get isSet() {
      return attempt((storage) => storage.getItem(name)) === '1';
    },
    set: () => void attempt((storage) => storage.setItem(name, '1')),
    clear: () => void attempt((storage) => storage.removeItem(name)),
  };
}

/** Browsers that are told to keep nothing throw at the mere touch of the storage. */
function attempt<Result>(work: (storage: Storage) => Result): Result | undefined {
  if (typeof document === 'undefined') return undefined;
  try {
    return work(localStorage);
  } catch {
    return undefined;
  }
}
