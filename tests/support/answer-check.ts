import Schema from 'typebox/schema';
import type { Answer } from './session-service.ts';

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

/** Throws unless an answer is described, with its status, and fits its schema. Unknown paths are not looked at. */
export type AnswerCheck = (method: string, path: string, answer: Answer) => void;

/** Makes the check from an OpenAPI document. */
export function createAnswerCheck(document: object): AnswerCheck {
  const { paths } = document as { paths: Record<string, Record<string, Operation>> };
  const compiled = new Map<object, ReturnType<typeof Schema.Compile>>();
  return (method, path, answer) => {
    const operation = findOperation(paths, method, path);
    if (!operation) return;
    const where = `${method} ${path} answered ${answer.status}`;
    const described = operation.responses[answer.status];
    if (!described) throw new Error(`${where}, which the OpenAPI document does not describe: ${answer.text}`);
    const schema = described.content?.['application/json']?.schema;
    if (!schema) return;
    const validator = compiled.get(schema) ?? Schema.Compile(schema as never);
    compiled.set(schema, validator);
    if (!validator.Check(answer.body)) throw new Error(`${where}, which does not fit: ${answer.text}`);
  };
}

function findOperation(
  paths: Record<string, Record<string, Operation>>,
  method: string,
  path: string,
): Operation | undefined {
  const plain = path.split('?', 1)[0] ?? '';
  const declared = Object.keys(paths).find((candidate) =>
    new RegExp(`^${candidate.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(plain),
  );
  return declared === undefined ? undefined : paths[declared]?.[method.toLowerCase()];
}
