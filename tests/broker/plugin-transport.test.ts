import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { openClient, publish, signIn } from '../support/mqtt-outcomes.ts';
import { openPluginStage } from '../support/plugin-stage.ts';
import { createTestAuthority } from '../support/test-certificates.ts';

const right = { clientId: 'c', username: 'u', password: 'p' };

t.test('one connection carries many checks', async (t) => {
  const { broker, webhook } = await openPluginStage(t);
  const client = await signIn({ port: broker.port, ...right });

  for (let i = 0; i < 100; i++) t.strictSame(await publish(client, 'a/b', 1), ['puback 16']);

  t.equal(webhook.requests.length, 101);
  t.equal(webhook.connections(), 1);
});

t.test('a webhook that closes idle connections costs no check', async (t) => {
  const { broker, webhook } = await openPluginStage(t);
  const client = await signIn({ port: broker.port, ...right });

  for (let i = 0; i < 5; i++) {
    await webhook.closeIdleConnections();
    t.strictSame(await publish(client, 'a/b', 1), ['puback 16']);
  }

  t.equal(webhook.connections(), 6);
  t.notMatch(broker.pluginLines().join('\n'), /fails/);
});

t.test('a connection that is closed under a request costs no check', async (t) => {
  const { broker, webhook } = await openPluginStage(t);
  const client = await signIn({ port: broker.port, ...right });

  webhook.answerWith(({ connection }) => (connection === 1 ? { status: 200, closes: true } : 200));

  t.strictSame(await publish(client, 'a/b', 1), ['puback 16']);
  t.equal(webhook.connections(), 2);
  t.equal(webhook.requests.length, 3, 'the same check was asked again on a new connection');
});

t.test('a proxy of the environment is not used', async (t) => {
  const proxy = 'http://127.0.0.1:1';
  const environment = { http_proxy: proxy, HTTP_PROXY: proxy, all_proxy: proxy, ALL_PROXY: proxy };
  const { broker } = await openPluginStage(t, { environment });

  await signIn({ port: broker.port, ...right });
});

t.test('a Unix socket takes the place of host and port', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bednet-socket-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const socketPath = join(folder, 'webhook.sock');
  const { broker, webhook } = await openPluginStage(t, {
    webhook: { socketPath },
    plugin: { http_unix_socket: socketPath, http_host: undefined, http_port: undefined },
  });

  const client = await signIn({ port: broker.port, ...right });
  await publish(client, 'a/b', 1);

  t.equal(webhook.requests.length, 2);
  t.equal(webhook.requests[0]?.headers['host'], 'localhost');
  t.equal(webhook.connections(), 1);
  await webhook.close();
  t.strictSame(await publish(client, 'a/b', 1), ['disconnect 128', 'closed']);
  t.match(broker.pluginLines().at(-1), `the webhook at ${socketPath} fails: `);
});

t.test('over TLS the webhook must prove that it is the configured host', async (t) => {
  const authority = createTestAuthority();
  const stranger = createTestAuthority();
  t.teardown(() => [authority, stranger].forEach(({ folder }) => rmSync(folder, { recursive: true })));
  const certificate = authority.issue('IP:127.0.0.1');
  const trusting = { http_with_tls: 'true', http_ca_file: authority.caFile };

  const cases = [
    { name: 'right authority, right host', tls: certificate, plugin: trusting, seen: 'connack 0' },
    {
      name: 'right authority, other host',
      tls: authority.issue('DNS:other.example'),
      plugin: trusting,
      seen: 'closed',
    },
    { name: 'other authority', tls: stranger.issue('IP:127.0.0.1'), plugin: trusting, seen: 'closed' },
    { name: 'unknown to the system', tls: certificate, plugin: { http_with_tls: 'true' }, seen: 'closed' },
    {
      name: 'verification switched off',
      tls: certificate,
      plugin: { http_with_tls: 'true', http_verify_peer: 'false' },
      seen: 'connack 0',
    },
  ];
  for (const { name, tls, plugin, seen } of cases) {
    await t.test(name, async (t) => {
      const { broker, webhook } = await openPluginStage(t, { webhook: { tls }, plugin });

      const client = openClient({ port: broker.port, ...right });

      t.equal(await client.next(), seen);
      if (seen === 'closed') {
        t.equal(webhook.requests.length, 0, 'nothing was told to a webhook that is not trusted');
        t.match(broker.pluginLines().at(-1), /fails: .*(certificate|SSL)/i);
      } else {
        await publish(client, 'a/b', 1);
        t.equal(webhook.connections(), 1);
      }
      const warned = broker.pluginLines().some((line) => line.includes('anybody on the way can pose'));
      t.equal(warned, 'http_verify_peer' in plugin);
    });
  }
});
