import { join } from 'node:path';
import { startStack, type Stack } from '../../../services/stack/stack.ts';
import { names } from './names.ts';

/** The whole product with one way of caching: Redis, both services and a broker of its own. */
export interface Product {
  system: string;
  stack: Stack;
}

/** Large enough for all sessions of a row, as an operator would set it. */
const nearCache = { NEAR_CACHE: 'on', NEAR_CACHE_BYTES: '256000000' };

/** Starts a product of each way of caching besides none; they stop with `open`. */
export async function startCachingProducts(
  folder: string,
  sessionSettings: Record<string, string>,
  open: AsyncDisposableStack,
): Promise<Product[]> {
  const settings = { session: sessionSettings, webhook: nearCache };
  const near = await startStack({ runDir: join(folder, 'near-cache'), settings });
  open.defer(near.stop);
  const runDir = join(folder, 'decision-cache');
  const deciding = await startStack({ runDir, settings, decisionCache: true });
  open.defer(deciding.stop);
  return [
    { system: names.nearCache, stack: near },
    { system: names.decisionCache, stack: deciding },
  ];
}
