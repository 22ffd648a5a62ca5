import { userInfo } from 'node:os';
import type { Store } from '../core/redis/store.ts';
import type { CliSettings } from './settings.ts';

/** What every command works with. */
export interface CommandContext {
  settings: CliSettings;
  store: Store;
  /** Who does it, as stored on tombstones and events. */
  actor: string;
}

/** `cli:<user of the operating system>`. */
export function currentActor(): string {
  return `cli:${userInfo().username}`;
}

/** Does something that returns once it is durable, and says how long that took and when it was acknowledged. */
export async function timed<T>(
  work: () => Promise<T>,
): Promise<{ result: T; durable: { durableInMs: number; acknowledgedAtMs: number } }> {
  const startMs = performance.now();
  const result = await work();
  const durableInMs = Math.round((performance.now() - startMs) * 10) / 10;
  return { result, durable: { durableInMs, acknowledgedAtMs: Date.now() } };
}
