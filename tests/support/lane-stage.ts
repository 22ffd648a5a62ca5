import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import { openStore, untilReady, type Store } from '../../services/core/redis/store.ts';
import { buildWebhook, type Webhook } from '../../services/webhook/app.ts';
import { readConfig } from '../../services/webhook/config.ts';
import { listenOnSocket } from '../../services/webhook/listen-on-socket.ts';
import { makeTestFolder } from './stack.ts';
import { startWebhookStage, type WebhookStage } from './webhook-service.ts';

/** A webhook service in this process, which tells what passes the hooks of Fastify. */
export interface LaneStage extends WebhookStage {
  app: FastifyInstance;
  port: number;
  socketPath: string;
  /** The request of a check as our plugin writes it, with other headers, or without some (undefined). */
  request(path: string, body: Body, changes?: HeaderChanges): Buffer;
  /** How many requests have passed the hooks of Fastify. */
  routed(): number;
  /** How many of them pass meanwhile. */
  routedBy(work: () => Promise<unknown>): Promise<number>;
}

export type HeaderChanges = Readonly<Record<string, string | undefined>>;
type Body = Buffer | string | object;

const longestWaitMs = 30_000;

/** Makes the route answer where else the lane would; nobody looks at it. */
export const byRoute: HeaderChanges = { 'X-Other': 'x' };

/** Builds the webhook service in this process, not yet listening, on the Redis of `stage`. */
export async function buildOwnWebhook(
  t: Test,
  { stack, issuer }: WebhookStage,
  settings: Record<string, string> = {},
): Promise<{ webhook: Webhook; store: Store }> {
  const redisUrl = stack.redisUrl('webhook');
  const store = openStore({ url: redisUrl, commandTimeoutMs: 20_000 });
  await untilReady(store, 30_000);
  const { files } = stack.secrets;
  const config = readConfig({
    REDIS_URL: redisUrl,
    ISSUER: issuer,
    VERIFICATION_KEYS_FILE: files.verificationKeys,
    BROKER_KEY_FILE: files.brokerKey,
    ...settings,
  });
  const webhook = await buildWebhook(config, { store, logLevel: 'silent' });
  t.teardown(() => webhook.app.close());
  return { webhook, store };
}

/** Starts Redis, and the webhook service in this process with a near cache, on TCP and on a Unix socket. */
export async function startLaneStage(t: Test): Promise<LaneStage> {
  const stage = await startWebhookStage(t, { parts: ['redis'] });
  const { brokerKey } = stage.stack.secrets;
  const { webhook } = await buildOwnWebhook(t, stage, { NEAR_CACHE: 'on' });
  const { app } = webhook;
  let routed = 0;
  app.addHook('onRequest', async () => void (routed += 1));
  const socketPath = join(makeTestFolder(t), 'webhook.sock');
  await listenOnSocket(webhook, socketPath);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    ...stage,
    ...{ app, port, socketPath },
    request: (path, body, changes = {}) =>
      writeRequest(path, body, { 'X-Bednet-Key': brokerKey, ...changes }),
    routed: () => routed,
    async routedBy(work) {
      const before = routed;
      await work();
      return routed - before;
    },
  };
}

function writeRequest(path: string, body: Body, changes: HeaderChanges): Buffer {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const headers = {
    Host: '127.0.0.1',
    'User-Agent': 'test',
    'Content-Type': 'application/json',
    'Content-Length': `${bytes.length}`,
    ...changes,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return Buffer.concat([Buffer.from([`POST ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n')), bytes]);
}

/** Sends bytes in pieces on a connection of their own, waits for answers or the end, and tells what came, without the date. */
export async function exchange(
  to: { port: number } | { path: string },
  pieces: readonly Buffer[],
  answers = 1,
): Promise<string> {
  const socket = connect({ host: '127.0.0.1', noDelay: true, ...to });
  const { promise: isOver, resolve, reject } = Promise.withResolvers<void>();
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    if (answersIn(text) >= answers) resolve();
  });
  socket.on('close', resolve).on('error', () => undefined);
  socket.setTimeout(longestWaitMs, () => reject(new Error(`no answer to ${pieces.join('')}`)));
  for (const piece of pieces) await new Promise((written) => socket.write(piece, written));
  await isOver;
  socket.destroy();
  return text.replaceAll(/\r\nDate: [^\r]*/g, '');
}

/** How many answers are whole in what came. */
function answersIn(text: string): number {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return 0;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
  const rest = text.slice(end + 4);
  return rest.length < length ? 0 : 1 + answersIn(rest.slice(length));
}
