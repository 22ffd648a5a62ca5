import buildValidators from '@fastify/ajv-compiler';
import buildSerializers from '@fastify/fast-json-stringify-compiler';
import type { FastifyInstance, FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';
import { schemaRules } from './server-options.ts';

type Validate = ReturnType<FastifySchemaCompiler<unknown>>;
type Serialize = ReturnType<FastifySerializerCompiler<unknown>>;

/**
 * Lets Fastify's own compilers work when a route is first asked: for all routes of all dialects they take longer than all
 * else at start-up. Schemas that are added by `app.addSchema` are not known to them.
 */
export function compileSchemasLate(app: FastifyInstance): void {
  const validators = buildValidators()({}, { customOptions: schemaRules }) as FastifySchemaCompiler<unknown>;
  const serializers = buildSerializers()() as FastifySerializerCompiler<unknown>;
  app.setValidatorCompiler((route) => validateLater(() => validators(route)));
  app.setSerializerCompiler((route) => serializeLater(() => serializers(route)));
}

/** Fastify reads a validator's faults from the function itself. */
function validateLater(compile: () => Validate): Validate {
  let compiled: Validate | undefined;
  const validate: Validate = (data) => {
    compiled ??= compile();
    const answer = compiled(data);
    validate.errors = compiled.errors ?? null;
    return answer;
  };
  return validate;
}

function serializeLater(compile: () => Serialize): Serialize {
  let compiled: Serialize | undefined;
  return (data) => (compiled ??= compile())(data);
}
