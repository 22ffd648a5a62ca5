import { join } from 'node:path';
import type { BenchContext } from '../bench-context.ts';
import { startOpenBroker, startPluginBroker } from './brokers.ts';
import { startNginx } from './nginx.ts';

/** A broker to measure. */
export interface Broker {
  system: string;
  port: number;
}

/** Starts the brokers that a row compares, the base first; they stop with `open`. The last one is the product. */
export async function startBrokers(
  { stack, folder }: BenchContext,
  row: string,
  open: AsyncDisposableStack,
): Promise<Broker[]> {
  const openBroker = await startOpenBroker(join(folder, `${row}-open`));
  open.defer(openBroker.stop);
  const nginx = await startNginx(join(folder, `${row}-nginx`));
  open.defer(nginx.stop);
  const nginxBroker = await startPluginBroker(join(folder, `${row}-plugin`), nginx.port);
  open.defer(nginxBroker.stop);
  return [
    { system: 'no auth', port: openBroker.ports.mqtt },
    { system: 'plugin → static nginx', port: nginxBroker.ports.mqtt },
    { system: 'plugin → webhook', port: stack.ports.mqtt },
  ];
}
