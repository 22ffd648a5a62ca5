import { reserveFreePort } from '../../../services/stack/ports.ts';
import type { Ports } from '../../../services/stack/settings.ts';

/** The ports of a stack, free and reserved, so that settings can name them before anything is started. */
export async function reservePorts(open: AsyncDisposableStack): Promise<Ports> {
  const ports: Ports = { session: 0, webhook: 0, mqtt: 0, websocket: 0, redis: 0 };
  for (const name of Object.keys(ports) as (keyof Ports)[]) {
    const { port, release } = await reserveFreePort();
    open.defer(release);
    ports[name] = port;
  }
  return ports;
}
