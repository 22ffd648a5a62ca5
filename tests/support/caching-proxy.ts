import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

/** Starts a proxy before a webhook that, as go-auth's cache does, answers an equal request by what it has heard before. */
export async function startCachingProxy(t: Test, webhookUrl: string): Promise<{ port: number }> {
  const heard = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const question = `${request.url} ${body}`;
    const headers = {
      'content-type': String(request.headers['content-type']),
      'x-bednet-key': String(request.headers['x-bednet-key']),
    };
    const status =
      heard.get(question) ??
      (await fetch(`${webhookUrl}${request.url}`, { method: 'POST', headers, body })).status;
    heard.set(question, status);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port };
}
