import type { Test } from 'tap';
import { reserveFreePort } from '../../services/stack/ports.ts';

/** A port of 127.0.0.1 that nobody else picks until `t` ends. */
export async function reservePort(t: Test): Promise<number> {
  const { port, release } = await reserveFreePort();
  t.teardown(release);
  return port;
}
