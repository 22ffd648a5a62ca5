import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import { openStore, untilReady, type Store } from '../../services/core/redis/store.ts';
import { buildApp } from '../../services/session/app.ts';
import { readConfig, type SessionConfig } from '../../services/session/config.ts';
import { openParts } from '../../services/session/open-parts.ts';
import { createAnswerCheck, documentsOf } from './answer-check.ts';
import { failOnSecrets, usedSecrets } from './secret-watch.ts';
import { startTestStack, type TestStack } from './stack.ts';

/** One request; `body` goes as JSON, `raw` as it is. */
export interface Asked {
  body?: unknown;
  raw?: string | Uint8Array;
  token?: string | undefined;
  headers?: Record<string, string>;
}

/** What came back; `body` is parsed JSON or undefined. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: any;
  /** The error code, if it is a failure. */
  code: string | undefined;
}

/** A person with an account. */
export interface Person {
  username: string;
  email: string;
  password: string;
  full_name: string;
}

/** The `data` of a sign-in or renewal. */
export interface Tokens {
  access_token: string;
  refresh_token: string;
  session_id: string;
  expires_in: number;
  refresh_expires_in: number;
  user: { id: string };
}

/** The session service in this process, listening, on a Redis of its own, and the hands that a test needs. */
export interface SessionStage {
  stack: TestStack;
  app: FastifyInstance;
  url: string;
  config: SessionConfig;
  /** Redis as a user with all rights. */
  store: Store;
  /** Everything that the service logged so far, at level debug. */
  logLines: string[];
  /** Sends a request and checks that the answer fits the OpenAPI description. */
  ask(method: string, path: string, asked?: Asked): Promise<Answer>;
  register(person?: Partial<Person>): Promise<Person>;
  signIn(person: Person, headers?: Record<string, string>): Promise<Tokens>;
  /** A new person and a first session. */
  signInSomebody(): Promise<Tokens & { person: Person }>;
  renew(renewalToken: string): Promise<Answer>;
}

/** Settings that make hashing cheap where it is not what the test is about. */
export const cheapHashes = { ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1' };

/** Limits that a test meets only where it lowers them: all of its people come from one network. */
export const wideLimits = {
  REGISTER_REQUESTS_PER_NETWORK: '10000',
  FORGOT_REQUESTS_PER_NETWORK: '10000',
  REFRESH_REQUESTS_PER_NETWORK: '10000',
  SIGN_INS_PER_ACCOUNT: '10000',
};

/** A test that looks behind the scenes finds what it put there. */
const noSweeps = { HOUSEKEEPING_EVERY_MS: '0' };

/** Starts Redis and the service for `t`; `settings` are environment variables. */
export async function startSessionStage(
  t: Test,
  settings: Record<string, string> = {},
): Promise<SessionStage> {
  const stack = await startTestStack(t, { parts: ['redis'] });
  const store = openStore({ url: stack.redisAdminUrl, commandTimeoutMs: 2000 });
  await untilReady(store, 5000);
  t.teardown(() => store.close());
  return { ...(await startService(t, stack, settings)), store };
}

/** Starts one more service in this process, on the Redis of `stack`. */
export async function startService(
  t: Test,
  stack: TestStack,
  settings: Record<string, string> = {},
): Promise<Omit<SessionStage, 'store'>> {
  const config = readConfig({
    ...settingsFor(stack),
    ...cheapHashes,
    ...wideLimits,
    ...noSweeps,
    ...settings,
  });
  const logLines: string[] = [];
  const { store, hasher } = await openParts(config);
  const logDestination = { write: (line: string) => void logLines.push(line) };
  const app = await buildApp({ config, store, hasher, logDestination });
  await untilReady(store, 5000);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(async () => {
    await app.close();
    failOnSecrets('the log', logLines.join(''));
  });

  const check = createAnswerCheck(documentsOf(app));
  const ask = async (method: string, path: string, asked: Asked = {}) => {
    const answer = await exchange(url + path, method, asked);
    usedSecrets.noteExchange(asked.body, answer);
    check(method, path, answer);
    return answer;
  };
  const register = async (given: Partial<Person> = {}) => {
    const person = { ...somebody(), ...given };
    expectStatus(await ask('POST', '/api/auth/register', { body: person }), 201);
    return person;
  };
  const signIn = async ({ username, password }: Person, headers: Record<string, string> = {}) => {
    const answer = await ask('POST', '/api/auth/login', { body: { username, password }, headers });
    return expectStatus(answer, 200).body.data as Tokens;
  };
  const signInSomebody = async () => {
    const person = await register();
    return { ...(await signIn(person)), person };
  };
  const renew = (renewalToken: string) =>
    ask('POST', '/api/auth/refresh', { body: { refresh_token: renewalToken } });
  return { stack, app, url, config, logLines, ask, register, signIn, signInSomebody, renew };
}

/** The settings with which `stack` would start the service. */
export function settingsFor(stack: TestStack): Record<string, string> {
  const { files } = stack.secrets;
  return {
    LOG_LEVEL: 'debug',
    ISSUER: 'http://localhost:8080',
    REDIS_URL: stack.redisUrl('session'),
    SIGNING_KEYS_FILE: files.signingKeys,
    RENEWAL_KEYS_FILE: files.renewalKeys,
    PASSWORD_PEPPER_FILE: files.pepper,
    SECOND_FACTOR_KEY_FILE: files.secondFactorKey,
  };
}

/** A person nobody knows yet. */
export function somebody(): Person {
  const username = `u${randomBytes(6).toString('hex')}`;
  return {
    username,
    email: `${username}@example.org`,
    password: `a long enough password of ${username}`,
    full_name: 'Some Body',
  };
}

/** Returns the answer if it has the status, else throws with its body. */
export function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}: ${answer.text}`);
  return answer;
}

/** Sends one request to a whole address. */
export async function exchange(address: string, method: string, asked: Asked): Promise<Answer> {
  const { body, raw, token, headers } = asked;
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(address, {
    method,
    redirect: 'manual',
    headers: {
      ...(payload !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(payload !== undefined && { body: payload as string }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.match(/^application\/([a-z]+\+)?json/) != null;
  const parsed = isJson && text !== '' ? JSON.parse(text) : undefined;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: parsed,
    code: parsed?.error?.code ?? parsed?.code,
  };
}
