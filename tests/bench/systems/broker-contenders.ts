import { join } from 'node:path';
import type { Stack } from '../../../services/stack/stack.ts';
import type { BenchContext } from '../bench-context.ts';
import type { MqttIdentity } from '../load/mqtt-connection.ts';
import { startBareFastify } from './bare-fastify.ts';
import { startOpenBroker, startPluginBroker } from './brokers.ts';
import { startDynamicSecurity, withOnePasswordEach } from './dynamic-security.ts';
import { names } from './names.ts';
import { startNginx } from './nginx.ts';

/** A broker to measure, with people whom it lets in. */
export interface Broker {
  system: string;
  port: number;
  identities: MqttIdentity[];
}

/**
 * Starts the brokers that a row compares, the base first, the products last; they stop with `open`. `signIn` makes the
 * row's people on one product; those who ask nobody are sent the same bytes as the product without cache.
 */
export async function startBrokers(
  context: BenchContext,
  { row, signIn }: { row: string; signIn: (stack: Stack) => Promise<MqttIdentity[]> },
  open: AsyncDisposableStack,
): Promise<Broker[]> {
  const products: Broker[] = [];
  for (const { system, stack } of await context.products()) {
    products.push({ system, port: stack.ports.mqtt, identities: await signIn(stack) });
  }
  const identities = products[0]?.identities ?? [];
  const folder = join(context.folder, row);
  const openBroker = await startOpenBroker(`${folder}-open`);
  open.defer(openBroker.stop);
  const dynamicSecurity = await startDynamicSecurity(`${folder}-dynamic-security`, identities);
  open.defer(dynamicSecurity.stop);
  const asking = await startAskingBrokers(folder, open);
  return [
    { system: names.noAuth, port: openBroker.ports.mqtt, identities },
    {
      system: names.dynamicSecurity,
      port: dynamicSecurity.ports.mqtt,
      identities: withOnePasswordEach(identities),
    },
    ...asking.map(({ system, stack }) => ({ system, port: stack.ports.mqtt, identities })),
    ...products,
  ];
}

/** Our plugin before servers that grant everything: what one HTTP call costs at least. */
async function startAskingBrokers(
  folder: string,
  open: AsyncDisposableStack,
): Promise<{ system: string; stack: Stack }[]> {
  const nginx = await startNginx(`${folder}-nginx`);
  open.defer(nginx.stop);
  const bare = await startBareFastify();
  open.defer(bare.stop);
  const asking: { system: string; stack: Stack }[] = [];
  for (const [system, { port }] of [
    [names.nginx, nginx],
    [names.bareFastify, bare],
  ] as const) {
    const stack = await startPluginBroker(`${folder}-plugin-${port}`, port);
    open.defer(stack.stop);
    asking.push({ system, stack });
  }
  return asking;
}
