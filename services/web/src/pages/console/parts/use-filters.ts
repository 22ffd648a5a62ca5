import { useEffect, useState } from 'react';
import { useLocation, useSearchParams } from 'react-router';

/** Marks changes of the address that come from the fields, which know already. */
const own = { from: 'filters' };

/**
 * Filters of a list, kept in the address too, so that they survive a reload and can be passed on. The fields follow
 * their own state: the address lags behind somebody who types.
 */
export function useFilters<Name extends string>(names: readonly Name[]) {
  const [query, setQuery] = useSearchParams();
  const { key, state } = useLocation();
  const read = () => Object.fromEntries(names.map((name) => [name, query.get(name) ?? '']));
  const [filters, setFilters] = useState(read);
  useEffect(() => {
    if ((state as typeof own | null)?.from !== own.from) setFilters(read());
  }, [key]);
  const set = (name: Name, value: string) => {
    const next = { ...filters, [name]: value };
    setFilters(next);
    const given = Object.entries(next).filter(([, text]) => text !== '');
    void setQuery(given, { replace: true, state: own });
  };
  return [filters as Record<Name, string>, set] as const;
}
