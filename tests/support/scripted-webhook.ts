import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** One request as it arrived, and the check that its body (JSON or form) asks for. */
export interface RecordedRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  headerNames: string[];
  body: string;
  check: Check;
  /** Number of the connection that carried it, counted from 1. */
  connection: number;
}

export interface Check {
  kind: 'user' | 'superuser' | 'acl';
  username?: string;
  password?: string;
  clientid?: string;
  topic?: string;
  acc?: number;
}

export interface Answer {
  status: number;
  body?: string;
  headers?: Record<string, string>;
  /** Never answer, until the webhook closes. */
  hangs?: boolean;
  /** Close the connection instead of answering. */
  closes?: boolean;
}

export interface ScriptedWebhook {
  port: number;
  requests: RecordedRequest[];
  /** How many connections were accepted so far. */
  connections: () => number;
  /** Replaces the rule by which requests are answered; until then every check is granted by 200. */
  answerWith: (rule: (request: RecordedRequest) => Answer | number) => void;
  /** Closes the connections of all requests that hang. */
  releaseHanging: () => void;
  /** Ends all connections on which no answer is due; resolves when the other side has closed them too. */
  closeIdleConnections: () => Promise<void>;
  close: () => Promise<void>;
}

export interface WebhookOptions {
  /** TCP port, default any free one. */
  port?: number;
  socketPath?: string;
  tls?: { key: string; cert: string };
}

/** Starts a real HTTP server that answers checks by rule and remembers them. */
export async function startScriptedWebhook(options: WebhookOptions = {}): Promise<ScriptedWebhook> {
  const requests: RecordedRequest[] = [];
  const numbers = new Map<Socket, number>();
  let count = 0;
  const hanging: ServerResponse[] = [];
  let rule: (request: RecordedRequest) => Answer | number = () => 200;

  const listener: RequestListener = (request, response) => {
    void readRequest(request, numbers.get(request.socket) ?? 0).then((recorded) => {
      requests.push(recorded);
      const ruling = rule(recorded);
      if (typeof ruling === 'object' && ruling.hangs) hanging.push(response);
      else send(response, ruling);
    });
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  server.keepAliveTimeout = 0;
  server.on(options.tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    numbers.set(socket, ++count);
    socket.once('close', () => numbers.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (options.socketPath) server.listen(options.socketPath, resolve);
    else server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });

  return {
    port: options.socketPath ? 0 : (server.address() as AddressInfo).port,
    requests,
    connections: () => count,
    answerWith: (newRule) => {
      rule = newRule;
    },
    releaseHanging: () => {
      for (const response of hanging.splice(0)) response.destroy();
    },
    closeIdleConnections: async () => {
      const closed = [...numbers.keys()].map(
        (socket) => new Promise((resolve) => socket.once('close', resolve)),
      );
      server.closeIdleConnections();
      await Promise.all(closed);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readRequest(request: IncomingMessage, connection: number): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headers as Record<string, string>,
    headerNames: request.rawHeaders.filter((_, index) => index % 2 === 0),
    body,
    check: readCheck(request, body),
    connection,
  };
}

function readCheck(request: IncomingMessage, body: string): Check {
  const kind = (/\/(user|superuser|acl)/.exec(request.url ?? '')?.[1] ?? 'user') as Check['kind'];
  if (request.headers['content-type'] === 'application/json') {
    return { kind, ...(JSON.parse(body) as object | null) };
  }
  const fields = Object.fromEntries(new URLSearchParams(body));
  return { kind, ...fields, ...(fields['acc'] && { acc: Number(fields['acc']) }) };
}

function send(response: ServerResponse, ruling: Answer | number): void {
  const answer: Answer = typeof ruling === 'number' ? { status: ruling } : ruling;
  if (answer.closes) response.destroy();
  else response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
}
