import t from 'tap';
import { errorCodes } from '../../services/contract/error-codes.ts';
import { dialectsOf } from '../../services/session/dialects/dialects.ts';
import { pagePaths } from '../../services/session/page/page-paths.ts';
import { startSessionStage } from '../support/session-service.ts';

interface Described {
  info: { description: string };
  paths: Record<string, Record<string, { summary?: string; responses: Record<string, Response> }>>;
}
interface Response {
  description: string;
  content?: Record<string, { schema: object }>;
}

const stage = await startSessionStage(t);
const { app, config } = stage;
const documents = new Map([...app.documents].map(([name, make]) => [name, make() as Described]));
const undescribed = /^\/(metrics|docs(\/.*)?|assets\/.*|client\/.*)$/;

/** Every route that is to be described, as `GET /path/{id}`; a slash at the end makes no other route. */
const routes = app.routeTable.all
  .filter(({ url }) => !undescribed.test(url))
  .flatMap(({ url, methods }) =>
    methods.map((method) => ({ method, path: url.replaceAll(/:(\w+)/g, '{$1}').replace(/(?<=.)\/$/, '') })),
  )
  .filter(({ method, path }) => method !== 'HEAD' && !isOfThePage(method, path))
  .map(({ method, path }) => `${method} ${path}`);

const described = (name: string) =>
  Object.entries(documents.get(name)?.paths ?? {}).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/(?<=.)\/$/, '')}`),
  );

function isOfThePage(method: string, path: string): boolean {
  return method === 'GET' && (pagePaths as readonly string[]).includes(path);
}

t.test('every route belongs to exactly one document', async (t) => {
  t.ok(routes.length > 60, 'the routes are found');
  for (const route of new Set(routes)) {
    const owners = [...documents.keys()].filter((name) => described(name).includes(route));
    t.equal(owners.length, 1, `${route}: ${owners.join()}`);
  }
});

t.test('every document describes routes that exist, and its dialect owns their paths', async (t) => {
  const dialects = dialectsOf(config.dialects);
  t.same([...documents.keys()].sort(), ['service', ...dialects.map(({ name }) => name)].sort());

  for (const name of documents.keys()) {
    t.ok(described(name).length > 0, name);
    for (const route of described(name)) {
      t.ok(routes.includes(route), route);
      const path = route.split(' ')[1] ?? '';
      const owner = dialects.find(({ paths }) => paths.some((own) => `${path}/`.startsWith(`${own}/`)));
      t.equal(owner?.name ?? 'service', name, route);
    }
  }
});

t.test('every operation has a summary, and every answer a description and a schema', async (t) => {
  for (const [name, { paths }] of documents) {
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { summary, responses }] of Object.entries(methods)) {
        t.match(summary, /^[A-Z]/, `${name} ${method} ${path}`);
        for (const [status, { description, content }] of Object.entries(responses)) {
          t.ok(content, `${method} ${path} ${status} has a schema`);
          t.match(description, /^(?!Default Response)./, `${method} ${path} ${status} is described`);
        }
      }
    }
  }
});

t.test('the documents whose errors carry our codes list them all', async (t) => {
  for (const name of ['service', 'native', 'plain']) {
    for (const code of Object.keys(errorCodes)) {
      t.match(documents.get(name)?.info.description, `\`${code}\``, `${name} ${code}`);
    }
  }
});

t.test('the page of the documents shows each of them', async (t) => {
  const { text } = await stage.ask('GET', '/docs/');

  for (const name of documents.keys()) {
    t.match(text, `/docs/${name}/openapi.json`);
    const { status, body } = await stage.ask('GET', `/docs/${name}/openapi.json`);
    t.equal(status, 200);
    t.same(body, JSON.parse(JSON.stringify(documents.get(name))), name);
  }
});
