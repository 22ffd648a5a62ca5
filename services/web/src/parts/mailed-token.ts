import { useEffect, useState } from 'react';

/** The token of a link in a mail, `#token=…`: taken out of the address at once, so that it stays in no history. */
export function useMailedToken(): string | undefined {
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined);
  useEffect(() => {
    if (location.hash !== '') history.replaceState(history.state, '', location.pathname);
  }, []);
  return token;
}
