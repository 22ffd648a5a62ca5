import type { FastifyInstance } from 'fastify';
import { shapeErrors, type ShapeAt } from '../../plugins/errors.ts';
import openapi from '../../plugins/openapi.ts';
import type { DialectName } from '../dialect-config.ts';
import type { Dialect, DialectOptions } from './dialect.ts';
import { native } from './native/dialect.ts';
import { oauth } from './oauth/dialect.ts';
import { plain } from './plain/dialect.ts';
import { towerControl } from './tower-control/dialect.ts';

/** Every dialect there is, in the order in which documents list them. */
const table: readonly Dialect[] = [native, towerControl, plain, oauth];

/** The dialects of these names. */
export function dialectsOf(names: readonly DialectName[]): readonly Dialect[] {
  return table.filter(({ name }) => names.includes(name));
}

/** Says how errors look at an address; outside all dialects that is the native way. */
export function shapesOf(dialects: readonly Dialect[]): ShapeAt {
  return (url) => (findOwner(dialects, url) ?? native).errorShape;
}

/** Whether an address belongs to one of the dialects, be it a route or not. */
export function isInDialect(dialects: readonly Dialect[], url: string): boolean {
  return findOwner(dialects, url) !== undefined;
}

/** Adds the routes of each dialect in a scope of its own, with its error shape and its OpenAPI document. */
export async function registerDialects(
  app: FastifyInstance,
  dialects: readonly Dialect[],
  { issuer, ...options }: DialectOptions & { issuer: string },
): Promise<void> {
  for (const { errorShape, routes, ...about } of dialects) {
    await app.register(async (scope) => {
      shapeErrors(scope, errorShape);
      await scope.register(openapi, { ...about, issuer });
      await scope.register(routes, options);
    });
  }
}

/** The dialect that an address belongs to, however its path is percent-encoded. */
function findOwner(dialects: readonly Dialect[], url = ''): Dialect | undefined {
  const path = decode(url.split('?', 1)[0] ?? '');
  return dialects.find(({ paths }) => paths.some((own) => path === own || path.startsWith(`${own}/`)));
}

function decode(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path; // Malformed: it is no route, but its beginning still tells whose it would be.
  }
}
