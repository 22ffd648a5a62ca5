import fc, { type Arbitrary } from 'fast-check';

/** The part of JSON Schema that our documents use for requests. */
export interface JsonSchema {
  type?: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'null';
  anyOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
}

/** Values that mean something to the service, by the name of the field that they may stand in. */
export type Hints = Readonly<Record<string, readonly unknown[]>>;

/** Values that fit a schema; where a field has hints, mostly those. */
export function validFor(schema: JsonSchema, hints: Hints = {}, name = ''): Arbitrary<unknown> {
  const known = hints[name];
  const own = byShape(schema, hints, name);
  return known?.length ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, own) : own;
}

function byShape(schema: JsonSchema, hints: Hints, name: string): Arbitrary<unknown> {
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => validFor(one, hints, name)));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if ('const' in schema) return fc.constant(schema.const);
  const { minimum: min = -1000, maximum: max = 1_000_000 } = schema;
  switch (schema.type) {
    case 'string':
      return textFor(schema);
    case 'integer':
      return fc.integer({ min, max });
    case 'number':
      return fc.double({ min, max, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array': {
      const { items = {}, minItems: minLength = 0, maxItems = 4 } = schema;
      return fc.array(validFor(items, hints, name), { minLength, maxLength: Math.min(maxItems, 4) });
    }
    case 'object':
      return objectFor(schema, hints);
    default:
      return fc.jsonValue();
  }
}

function objectFor({ properties = {}, required = [] }: JsonSchema, hints: Hints): Arbitrary<unknown> {
  const members = Object.entries(properties).map(([name, property]) => [
    name,
    validFor(property, hints, name),
  ]);
  return fc.record(Object.fromEntries(members) as Record<string, Arbitrary<unknown>>, {
    requiredKeys: required,
    noNullPrototype: true,
  });
}

function textFor({ pattern, format, minLength = 0, maxLength = 400 }: JsonSchema): Arbitrary<string> {
  if (format === 'date-time') {
    return fc.date({ noInvalidDate: true, min: new Date(0) }).map((date) => date.toISOString());
  }
  const most = Math.min(maxLength, 400);
  if (pattern === undefined) return fc.string({ unit: 'binary', minLength, maxLength: most });
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
  return fc.stringMatching(new RegExp(pattern)).filter(fits);
}

const oddTexts = [
  '',
  ' ',
  '\0',
  '\ud800',
  'é',
  '\u202e',
  '../..',
  '%00',
  '\'"`;--',
  '*',
  '{{7*7}}',
  'x'.repeat(300),
  'x'.repeat(5000),
];
const oddNumbers = [0, -1, 0.5, 1e308, 2 ** 53, -(2 ** 31)];

/** Values that most fields do not expect. */
export const odd: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...oddTexts, ...oddNumbers, null, true, [], {}, [[]], { $ne: '' }, ['a', 'b']),
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A value that fits, with one member replaced, taken away or added; or nothing like it at all. */
export function brokenFor(schema: JsonSchema, hints: Hints): Arbitrary<unknown> {
  const names = [...(schema.anyOf ?? []), schema].flatMap((one) => Object.keys(one.properties ?? {}));
  const member = fc.constantFrom(...names, 'role', 'constructor', 'is_active', 'toString');
  const changed = fc.tuple(validFor(schema, hints), member, odd).map(([value, name, other]) => ({
    ...(value as object | null),
    [name]: other,
  }));
  const lacking = fc.tuple(validFor(schema, hints), member).map(([value, name]) => {
    const { [name]: _gone, ...rest } = (value ?? {}) as Record<string, unknown>;
    return rest;
  });
  return fc.oneof({ weight: 4, arbitrary: changed }, { weight: 2, arbitrary: lacking }, odd);
}
