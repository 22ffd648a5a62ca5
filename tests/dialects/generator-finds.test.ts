import fc from 'fast-check';
import Fastify, { type FastifyInstance } from 'fastify';
import t, { type Test } from 'tap';
import { createAnswerCheck } from '../support/answer-check.ts';
import { exploreOperation, type Caller } from './generator/explore.ts';
import { operationsOf, requestsFor, type WireRequest } from './generator/requests.ts';
import { openSender, type TimedAnswer } from './generator/send.ts';

const nobody: Caller = { name: 'a stranger', tokens: [], hints: {} };
const seed = 4711;
const answer = { type: 'object', required: ['sum'], properties: { sum: { type: 'integer' } } };
const refusal = { type: 'object', required: ['code'], properties: { code: { type: 'string' } } };
const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const document = {
  paths: {
    '/add': {
      post: {
        requestBody: json({ type: 'object', required: ['n'], properties: { n: { type: 'integer' } } }),
        responses: { 200: json(answer), 400: json(refusal) },
      },
    },
  },
};

type Respond = (n: unknown) => { status?: number; body?: unknown; type?: string; ms?: number };

/** In which the service tells how long an answer is to have taken: what it really took is up to the machine. */
const tookHeader = 'x-took-ms';
const withToldTime = (answer: TimedAnswer) => ({
  ...answer,
  tookMs: Number(answer.headers.get(tookHeader) ?? 0),
});

/** Explores the document above on a service that answers by `respond`; says what was found, or undefined. */
async function explore(t: Test, respond: Respond, slowMs = 5000) {
  const app: FastifyInstance = Fastify();
  app.setErrorHandler((_error, _request, reply) => reply.status(400).send({ code: 'REFUSED' }));
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, {}));
  app.post('/add', async (request, reply) => {
    const { n } = (request.body ?? {}) as { n?: unknown };
    if (!Number.isInteger(n)) return reply.status(400).send({ code: 'REFUSED' });
    const { status = 200, body = { sum: 1 }, type = 'application/json', ms = 0 } = respond(n);
    return reply.status(status).type(type).header(tookHeader, ms).send(JSON.stringify(body));
  });
  const sender = openSender(await app.listen({ host: '127.0.0.1', port: 0 }), 30_000);
  t.teardown(() => (sender.close(), app.close()));
  const [operation] = operationsOf(document);
  const send = async (request: WireRequest) => withToldTime(await sender.send(request));
  const exploration = { send, check: createAnswerCheck([document]), slowMs, runs: 300, seed };
  return exploreOperation(operation!, nobody, exploration).then(
    () => undefined,
    (error: Error) => `${error.message} ${String(error.cause)}`,
  );
}

t.test('a service that keeps to its document is left in peace', async (t) => {
  t.equal(await explore(t, () => ({})), undefined);
});

const lies = {
  'a 5xx for rare numbers': [(n) => (Number(n) > 1000 ? { status: 500 } : {}), /answered 500/],
  'a body that does not fit': [(n) => (Number(n) < 0 ? { body: { sum: 'x' } } : {}), /does not fit/],
  'a status that is not described': [(n) => (Number(n) % 7 === 3 ? { status: 418 } : {}), /not describe/],
  'another media type': [(n) => (Number(n) > 9 ? { type: 'text/html' } : {}), /text\/html, which is not/],
  'an answer that takes too long': [(n) => (n === 0 ? {} : { ms: 80 }), /took \d+ ms/, 60],
} satisfies Record<string, [Respond, RegExp, number?]>;

for (const [lie, [respond, found, slowMs]] of Object.entries(lies)) {
  t.test(`${lie} is found, and told with its seed and its smallest request`, async (t) => {
    const told = await explore(t, respond, slowMs);

    t.match(told, found);
    t.match(told, new RegExp(`seed: ${seed}`));
    t.match(told, /Shrunk [1-9]\d* time\(s\)/);
    t.match(told, /Counterexample: \[\{"method":"POST","path":"\/add","headers":\{.*\},"body":".{0,20}"\}\]/);
  });
}

t.test('the time that an answer takes is measured', async (t) => {
  const app = Fastify();
  app.get('/', async () => new Promise((resolve) => setTimeout(resolve, 100, {})));
  const { send, close } = openSender(await app.listen({ host: '127.0.0.1', port: 0 }), 30_000);
  t.teardown(() => (close(), app.close()));

  const { tookMs } = await send({ method: 'GET', path: '/', headers: {} });

  t.ok(tookMs > 90, `${tookMs} ms`);
});

t.test('requests are of both kinds: those that fit the description and those that do not', async (t) => {
  const [operation] = operationsOf(document);
  const requests = fc.sample(requestsFor(operation!, {}, []), { numRuns: 400, seed });
  const fits = requests.filter(({ body, headers }) => {
    if (headers['content-type'] !== 'application/json' || typeof body !== 'string') return false;
    return /^\{.*"n":-?\d+[,}]/.test(body);
  });

  t.ok(fits.length > 100, `${fits.length} fit`);
  t.ok(requests.length - fits.length > 100, 'the others do not');
  t.equal(new Set(requests.map((request) => JSON.stringify(request))).size > 200, true, 'they differ');
});

t.test('the same seed sends the same requests', async (t) => {
  const [operation] = operationsOf(document);
  const sample = () => fc.sample(requestsFor(operation!, {}, []), { numRuns: 50, seed });

  t.same(sample(), sample());
});
