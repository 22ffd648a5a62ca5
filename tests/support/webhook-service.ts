import { createHmac, createPrivateKey, randomBytes, sign as signBytes } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import type { Test } from 'tap';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { disableAccount } from '../../services/core/accounts/change-account-state.ts';
import { rulesEventsKey } from '../../services/core/redis/keys.ts';
import { openStore, untilReady, type Store } from '../../services/core/redis/store.ts';
import { createSession } from '../../services/core/sessions/create-session.ts';
import { revokeSession } from '../../services/core/sessions/revoke-sessions.ts';
import { accessTokenClaims } from '../../services/core/tokens/access-token-claims.ts';
import { readSigningKeys, type SigningKey } from '../../services/core/tokens/key-files.ts';
import { usedSecrets } from './secret-watch.ts';
import { startTestStack, type TestStack, type TestStackOptions } from './stack.ts';
import { until } from './until.ts';

/** An account with one session and its newest access token; `clientId` is the session's own. */
export interface SignedIn {
  uid: string;
  sid: string;
  username: string;
  clientId: string;
  token: string;
  accessUntilMs: number;
}

/** What the broker gets. */
export interface Answered {
  status: number;
  reason: string | undefined;
  contentType: string | undefined;
  cacheControl: string | undefined;
  /** `X-Bednet-Cache`, by which the broker may remember a grant. */
  offer: string | undefined;
  body: string;
}

/** One request of the broker. The broker key is sent in the header unless `headers` or `key` say otherwise. */
export interface Asked {
  method?: 'POST' | 'PUT' | 'GET';
  json?: unknown;
  form?: Record<string, string>;
  body?: string | Buffer;
  headers?: Record<string, string>;
  key?: 'header' | 'query' | 'none';
  query?: string;
  bearer?: string;
}

/** The webhook service on a Redis of its own, and the hands that a test needs. */
export interface WebhookStage {
  stack: TestStack;
  /** As a user with all rights. */
  store: Store;
  signingKey: SigningKey;
  issuer: string;
  ask(path: string, asked?: Asked): Promise<Answered>;
  /** Asks as a plugin in JSON mode. */
  askUser(check: { username: string; password: string; clientid: string }): Promise<Answered>;
  askAcl(check: { username: string; clientid: string; topic: string; acc: number }): Promise<Answered>;
  signIn(account?: { username?: string; roles?: string[]; accessTtlSeconds?: number }): Promise<SignedIn>;
  /** Another session, with its token, of the same account. */
  signInAgain(first: SignedIn): Promise<SignedIn>;
  revoke(session: SignedIn): Promise<void>;
  disable(session: SignedIn): Promise<void>;
}

export const audience = 'bednet';

/** Starts Redis and the webhook service for `t`. */
export async function startWebhookStage(t: Test, options: TestStackOptions = {}): Promise<WebhookStage> {
  const stack = await startTestStack(t, { parts: ['redis', 'webhook'], ...options });
  const store = openStore({ url: stack.redisAdminUrl, commandTimeoutMs: 20_000 });
  await untilReady(store, 30_000);
  await until(() => store.serverOf(rulesEventsKey) !== undefined, { what: 'the server is known' });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => {
    agent.destroy();
    store.close();
  });
  const [signingKey] = readSigningKeys(stack.secrets.files.signingKeys);
  if (!signingKey) throw new Error('the stack has no signing key');
  const issuer = `http://localhost:${stack.ports.session}`;

  const ask = (path: string, asked: Asked = {}) => exchange(agent, stack, path, asked);
  const openSession = async (uid: string, accessTtlSeconds = 900): Promise<SignedIn> => {
    const lives = { ...lifetimes, accessTtlSeconds };
    const epoch = (await store.redis.hget(`bn:{${uid[0]}}:account:${uid}`, 'epoch')) ?? '0';
    const context = { uid, epoch, amr: ['pwd'], ip: '127.0.0.1', userAgent: 'test' };
    const session = await createSession(store, context, lives);
    if (!session) throw new Error('no session was created');
    const claims = accessTokenClaims({ ...session, permissions: [] }, { issuer, audience });
    const token = signToken(claims, signingKey);
    usedSecrets.note(token, 'access token');
    return {
      ...{ uid, sid: session.sid, username: session.username, clientId: session.sid, token },
      accessUntilMs: session.accessUntilMs,
    };
  };

  return {
    ...{ stack, store, signingKey, issuer, ask },
    askUser: (check) => ask('/user', { json: check }),
    askAcl: (check) => ask('/acl', { json: check }),
    signIn: async ({
      username = `u${randomBytes(6).toString('hex')}`,
      roles = ['user'],
      accessTtlSeconds,
    } = {}) => {
      const created = await createAccount(store, { username, roles, passwordHash: 'none', actor: 'test' });
      if (created.outcome !== 'created') throw new Error(created.outcome);
      return openSession(created.uid, accessTtlSeconds);
    },
    signInAgain: (first) => openSession(first.uid),
    revoke: async ({ uid, sid }) =>
      void (await revokeSession(store, sid, { uid, reason: 'test', actor: 'operator' })),
    disable: async ({ uid }) =>
      void (await disableAccount(store, { uid, reason: 'test', actor: 'operator' })),
  };
}

const lifetimes = {
  accessTtlSeconds: 900,
  renewalIdleSeconds: 604_800,
  absoluteSeconds: 2_592_000,
  renewalGraceSeconds: 10,
  sessionsPerAccount: 20,
};

/** Signs claims as the session service does, or with another header or key. */
export function signToken(
  claims: object,
  key: Pick<SigningKey, 'signWith' | 'kid' | 'algorithm'>,
  header: Record<string, unknown> = {},
): string {
  const fullHeader = { alg: key.algorithm, typ: 'at+jwt', kid: key.kid, ...header };
  const signed = `${encode(fullHeader)}.${encode(claims)}`;
  return `${signed}.${signatureOf(signed, key.signWith)}`;
}

/** One part of a JWS: JSON in base64url. */
export function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** Signs `header.payload`: a secret makes a MAC, a PEM a signature. */
export function signatureOf(signed: string, signWith: string | Buffer): string {
  if (typeof signWith !== 'string') return createHmac('sha256', signWith).update(signed).digest('base64url');
  const key = createPrivateKey(signWith);
  const digest = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const options = { key, dsaEncoding: 'ieee-p1363' as const };
  return signBytes(digest, Buffer.from(signed), options).toString('base64url');
}

async function exchange(agent: Agent, stack: TestStack, path: string, asked: Asked): Promise<Answered> {
  const { body, contentType } = bodyOf(asked);
  const key = asked.key ?? 'header';
  const query = [asked.query, key === 'query' && `key=${stack.secrets.brokerKey}`].filter(Boolean).join('&');
  const headers: Record<string, string> = {
    ...(contentType && { 'content-type': contentType }),
    ...(body !== undefined && { 'content-length': String(body.length) }),
    ...(key === 'header' && { 'x-bednet-key': stack.secrets.brokerKey }),
    ...(asked.bearer !== undefined && { authorization: `Bearer ${asked.bearer}` }),
    ...asked.headers,
  };
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const request = httpRequest(
    `${stack.urls.webhook}${path}${query && `?${query}`}`,
    { agent, method: asked.method ?? 'POST', headers },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          reason: response.headers['x-bednet-reason'] as string | undefined,
          contentType: response.headers['content-type'],
          cacheControl: response.headers['cache-control'],
          offer: response.headers['x-bednet-cache'] as string | undefined,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    },
  );
  request.on('error', reject);
  request.end(body);
  return promise;
}

function bodyOf({ json, form, body }: Asked): { body?: Buffer; contentType?: string } {
  if (json !== undefined) return { body: Buffer.from(JSON.stringify(json)), contentType: 'application/json' };
  if (form) {
    const contentType = 'application/x-www-form-urlencoded';
    return { body: Buffer.from(new URLSearchParams(form).toString()), contentType };
  }
  return body === undefined ? {} : { body: Buffer.from(body as string), contentType: 'application/json' };
}
