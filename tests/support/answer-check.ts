import type { FastifyInstance } from 'fastify';
import Schema from 'typebox/schema';
import type { Answer } from './session-service.ts';

/** One operation of an OpenAPI document, as far as answers are concerned. */
interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

type Paths = Record<string, Record<string, Operation>>;

/**
 * Throws unless an answer is described, with its status and media type, and fits its schema. Paths and methods that no
 * document has are not looked at.
 */
export type AnswerCheck = (method: string, path: string, answer: Answer) => void;

/** The OpenAPI documents of a service, one for each dialect. */
export function documentsOf(app: FastifyInstance): object[] {
  return [...app.documents.values()].map((makeDocument) => makeDocument());
}

/** Makes the check from OpenAPI documents that share no path. */
export function createAnswerCheck(documents: readonly object[]): AnswerCheck {
  const paths: Paths = Object.assign(
    {},
    ...documents.map((document) => (document as { paths: Paths }).paths),
  );
  const compiled = new Map<object, ReturnType<typeof Schema.Compile>>();
  return (method, path, answer) => {
    const operation = findOperation(paths, method, path);
    if (!operation) return;
    const where = `${method} ${path} answered ${answer.status}`;
    const described = operation.responses[answer.status];
    if (!described) throw new Error(`${where}, which the OpenAPI document does not describe: ${answer.text}`);
    if (!described.content) return;
    const schema = described.content[mediaTypeOf(answer)]?.schema;
    if (!schema)
      throw new Error(`${where} as ${mediaTypeOf(answer)}, which is not described: ${answer.text}`);
    const validator = compiled.get(schema) ?? Schema.Compile(schema as never);
    compiled.set(schema, validator);
    if (!validator.Check(answer.body ?? answer.text))
      throw new Error(`${where}, which does not fit: ${answer.text}`);
  };
}

function mediaTypeOf({ headers }: Answer): string {
  return (headers.get('content-type') ?? 'nothing').split(';', 1)[0]?.trim() ?? '';
}

/** A path without variables goes before one with them, as in the router. */
function findOperation(paths: Paths, method: string, path: string): Operation | undefined {
  const plain = path.split('?', 1)[0] ?? '';
  const declared =
    plain in paths ? plain : Object.keys(paths).find((candidate) => patternOf(candidate).test(plain));
  return declared === undefined ? undefined : paths[declared]?.[method.toLowerCase()];
}

function patternOf(declared: string): RegExp {
  return new RegExp(`^${declared.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
}
