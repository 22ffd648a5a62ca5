import fc, { type Arbitrary } from 'fast-check';
import { brokenFor, odd, validFor, type Hints, type JsonSchema } from './values.ts';

/** One operation of an OpenAPI document, as far as requests are concerned. */
export interface Operation {
  method: string;
  /** With variables in braces. */
  path: string;
  parameters?: { name: string; in: 'path' | 'query'; schema: JsonSchema }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
}

/** A request as it goes over the wire. */
export interface WireRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

/** All operations of an OpenAPI document. */
export function operationsOf(document: object): Operation[] {
  const { paths } = document as { paths: Record<string, Record<string, Omit<Operation, 'method' | 'path'>>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, rest]) => ({ ...rest, method: method.toUpperCase(), path })),
  );
}

/** Requests to an operation: about half of them fit its description. Credentials in `tokens` are sent mostly. */
export function requestsFor(
  operation: Operation,
  hints: Hints,
  tokens: readonly string[],
): Arbitrary<WireRequest> {
  const { method, path, parameters = [] } = operation;
  return fc
    .tuple(
      fc.tuple(
        ...parameters.filter(({ in: place }) => place === 'path').map((one) => segmentFor(one, hints)),
      ),
      queryFor(parameters, hints),
      headersFor(tokens, hints),
      bodyFor(operation, hints),
    )
    .map(([segments, query, headers, { type, body }]) => ({
      method,
      path: fill(path, segments) + query,
      headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body }),
    }));
}

function segmentFor(parameter: { name: string; schema: JsonSchema }, hints: Hints): Arbitrary<string> {
  const encoded = fc
    .oneof(
      { weight: 4, arbitrary: validFor(parameter.schema, hints, parameter.name) },
      { weight: 1, arbitrary: odd.map(textOf) },
    )
    .map((value) => encodeURIComponent(textOf(value)).slice(0, 2000));
  const raw = fc.constantFrom('%zz', '%', '%ff', '..', '.', 'a%2fb', '%00', ';', '@', '~', ':id');
  return fc.oneof({ weight: 8, arbitrary: encoded }, raw).filter((segment) => segment !== '');
}

function queryFor(parameters: NonNullable<Operation['parameters']>, hints: Hints): Arbitrary<string> {
  const declared = parameters.filter(({ in: place }) => place === 'query');
  const one = fc.oneof(
    ...declared.map(({ name, schema }) => fc.tuple(fc.constant(name), validFor(schema, hints, name))),
    fc.tuple(fc.constantFrom(...declared.map(({ name }) => name), 'x', '__proto__'), odd),
  );
  return fc.array(one, { maxLength: declared.length === 0 ? 1 : 3 }).map((pairs) => {
    const written = pairs.map(([name, value]): [string, string] => [name, textOf(value)]);
    return written.length === 0 ? '' : `?${new URLSearchParams(written).toString()}`;
  });
}

const headerText = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e\xa0-\xff]{0,40}[\x21-\x7e])?$/);
const furtherHeaders = [
  'accept',
  'accept-language',
  'user-agent',
  'x-request-id',
  'x-forwarded-for',
  'range',
];

function headersFor(tokens: readonly string[], hints: Hints): Arbitrary<Record<string, string>> {
  const bearers = tokens.map((token) => `Bearer ${token}`);
  const garbage = fc.constantFrom(
    'Bearer',
    'Bearer x',
    'Basic eDp5',
    'bearer  .',
    'Bearer a.b.c',
    'Digest x',
  );
  const credentials = bearers.length > 0 ? fc.constantFrom(...bearers) : fc.constant(undefined);
  const renewal = ['x', ...((hints['refreshToken'] ?? []) as string[])];
  const page = { 'sec-fetch-site': 'same-origin', 'x-bednet-request': '1' };
  return fc
    .tuple(
      fc.oneof({ weight: 9, arbitrary: credentials }, garbage),
      fc.option(fc.constantFrom(...renewal), { freq: 10, nil: undefined }),
      fc.constantFrom({}, {}, page),
      fc.option(fc.tuple(fc.constantFrom(...furtherHeaders), headerText), { freq: 4, nil: undefined }),
    )
    .map(([authorization, cookie, fromPage, further]) => ({
      ...(authorization !== undefined && { authorization }),
      ...(cookie !== undefined && { cookie: `__Host-bednet_renewal=${cookie}` }),
      ...fromPage,
      ...(further && { [further[0]]: further[1] }),
    }));
}

const otherTypes = ['text/plain', 'application/json; charset=latin1', 'multipart/form-data', 'a/b; c', '*/*'];
const brokenTexts = ['', '{', '[]', 'null', '"', '{"__proto__":{"a":1}}', '{"a":1,"a":2}', '[['.repeat(2000)];

function bodyFor(
  { requestBody }: Operation,
  hints: Hints,
): Arbitrary<{ type?: string; body?: string | Uint8Array }> {
  const [[type, { schema }] = ['application/json', { schema: {} }]] = Object.entries(
    requestBody?.content ?? {},
  );
  const write = (value: unknown) => ({ type, body: encode(type, value) });
  const right = requestBody ? validFor(schema, hints).map(write) : fc.constant({});
  const broken = brokenFor(schema, hints).map(write);
  const bytes = fc.oneof(
    fc.constantFrom(...brokenTexts, 'x'.repeat(17_000)),
    fc.uint8Array({ maxLength: 60 }),
  );
  return fc.oneof(
    { weight: 5, arbitrary: right },
    { weight: requestBody ? 4 : 1, arbitrary: broken },
    { weight: 1, arbitrary: bytes.map((body) => ({ type, body })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...otherTypes), right)
        .map(([other, sent]) => ({ ...sent, type: other })),
    },
    { weight: 1, arbitrary: fc.constant({}) },
  );
}

function encode(type: string, value: unknown): string {
  if (!type.endsWith('urlencoded')) return JSON.stringify(value);
  const pairs = Object.entries((value ?? {}) as object).map(([name, one]): [string, string] => [
    name,
    textOf(one),
  ]);
  return new URLSearchParams(pairs).toString();
}

function fill(path: string, segments: readonly string[]): string {
  const left = [...segments];
  return path.replaceAll(/\{[^}]+\}/g, () => left.shift() ?? 'x');
}

/** An object is told as JSON: one that comes with a `toString` of its own cannot be made a text. */
function textOf(value: unknown): string {
  return (typeof value === 'object' ? JSON.stringify(value) : String(value)).toWellFormed();
}
