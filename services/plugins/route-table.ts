/** Which methods each known path takes. */
export interface RouteTable {
  add(route: { url: string; method: string | string[] }): void;
  /** The methods of a path, sorted; none if the path is unknown. */
  methodsOf(path: string): string[];
  /** All paths as they were declared, with their methods. */
  readonly all: readonly { url: string; methods: readonly string[] }[];
}

/** Makes an empty table; paths are declared as Fastify takes them, with `:name` for one variable segment. */
export function createRouteTable(): RouteTable {
  const routes: { url: string; segments: string[]; methods: string[] }[] = [];
  return {
    all: routes,
    add({ url, method }) {
      routes.push({ url, segments: url.split('/'), methods: [method].flat() });
    },
    methodsOf(path) {
      const segments = path.split('/');
      const methods = routes
        .filter((route) => fits(route.segments, segments))
        .flatMap((route) => route.methods);
      return [...new Set(methods)].sort();
    },
  };
}

function fits(declared: string[], asked: string[]): boolean {
  if (declared.length !== asked.length) return false;
  return declared.every((segment, index) => {
    const given = asked[index] ?? '';
    return segment.startsWith(':') ? given !== '' : segment === given;
  });
}
