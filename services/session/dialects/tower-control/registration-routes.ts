import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { CreateBody, done as doneShape, RegisterBody, results } from '../../../contract/tower-control.ts';
import { callerOf } from '../../session-context.ts';
import { createRegistered } from '../../use-cases/create-registered.ts';
import { registerByMail } from '../../use-cases/register-by-mail.ts';
import type { DialectOptions } from '../dialect.ts';
import { preferredLanguage } from '../preferred-language.ts';
import { actionResult, done } from './answers.ts';
import { tokenOfValidationId, validationIdOf } from './link-keys.ts';

const received = 'user-registration-received';
const created = 'user-creation-created';

/** An account in two calls, with a mail between them. */
export const registrationRoutes: FastifyPluginAsyncTypebox<DialectOptions> = async (app, { context }) => {
  app.post('/registration/register', { schema: registerSchema, config: registerConfig }, async (request) => {
    const { email, registrationCode: invitation } = request.body;
    const language = preferredLanguage(request.headers['accept-language']);
    const asked = { email, invitation, language, spell: validationIdOf };
    await registerByMail(context, asked, callerOf(request));
    return done(received);
  });

  app.post('/creation/create', { schema: createSchema, config: createConfig }, async (request, reply) => {
    const {
      password = '',
      validationID = '',
      conditionValidation: acceptsTerms = false,
    } = request.body ?? {};
    const token = tokenOfValidationId(validationID) ?? '';
    await createRegistered(context, { token, password, acceptsTerms }, callerOf(request));
    return reply.status(201).send(actionResult(201, created));
  });
};

const registerConfig = {
  guard: 'P',
  refusals: {
    RATE_LIMIT_EXCEEDED: [200, received],
    VAL_MISSING_FIELD: [200, received],
    VAL_INVALID_FORMAT: [200, received],
  },
} as const;

const createConfig = {
  guard: 'P',
  refusals: {
    AUTH_REGISTRATION_CLOSED: [400, 'user-creation-account-self-creation-not-allowed'],
    VAL_MISSING_FIELD: [400, 'user-creation-missing-password'],
    VAL_TERMS_NOT_ACCEPTED: [400, 'user-creation-terms-not-accepted'],
    VAL_INVALID_FORMAT: [400, 'user-creation-refused'],
    AUTH_INVALID_TOKEN: [400, 'user-creation-refused'],
    VAL: [400, 'user-creation-password-rules-matching'],
  },
} as const;

const registerSchema = {
  summary: 'Ask for an account',
  description:
    'Mails a link, for an hour, to creation/create. The answer is the same whatever becomes of it: the address may be ' +
    'an account’s, registration off, or the code no good.',
  tags: ['registration'],
  body: RegisterBody,
  response: results({ 200: doneShape(received) }),
};

const createSchema = {
  summary: 'Make the account whose mail was read',
  tags: ['registration'],
  body: CreateBody,
  response: results({ 201: doneShape(created) }),
};
