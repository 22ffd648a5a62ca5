/** A path of this page, or undefined for anything else: `//elsewhere.example` and `/\elsewhere.example` lead away. */
export function safePath(path: unknown): string | undefined {
  if (typeof path !== 'string' || !path.startsWith('/')) return undefined;
  const url = URL.parse(path, location.origin);
  return url?.origin === location.origin ? url.pathname + url.search + url.hash : undefined;
}
