import { Agent, request as httpRequest } from 'node:http';
import type { Answer } from '../../support/session-service.ts';
import type { WireRequest } from './requests.ts';

/** An answer with the time that it took. */
export type TimedAnswer = Answer & { tookMs: number };

/** Sends requests as they are, one after the other on one connection. */
export function openSender(url: string, deadlineMs: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(url);
  const send = ({ method, path, headers, body }: WireRequest): Promise<TimedAnswer> => {
    const { promise, resolve, reject } = Promise.withResolvers<TimedAnswer>();
    const startedMs = performance.now();
    const bytes = body === undefined ? undefined : Buffer.from(body as string);
    const length = bytes === undefined ? {} : { 'content-length': bytes.length };
    const signal = AbortSignal.timeout(deadlineMs);
    const options = { agent, hostname, port, method, path, headers: { ...headers, ...length }, signal };
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const received = new Headers(response.headers as Record<string, string>);
        const text = Buffer.concat(chunks).toString();
        resolve({
          ...answerOf(response.statusCode ?? 0, received, text),
          tookMs: performance.now() - startedMs,
        });
      });
    });
    request.on('error', reject);
    request.end(bytes);
    return promise;
  };
  return { send, close: () => agent.destroy() };
}

function answerOf(status: number, headers: Headers, text: string): Answer {
  const isJson = /^application\/([a-z]+\+)?json/.test(headers.get('content-type') ?? '');
  const body = isJson && text !== '' ? JSON.parse(text) : undefined;
  return { status, headers, text, body, code: body?.error?.code ?? body?.code };
}
