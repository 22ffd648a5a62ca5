import type { Stack } from '../../services/stack/stack.ts';
import type { Group, RoundSettings } from './measurement.ts';
import type { Product } from './systems/products.ts';

/** What every row measures with. */
export interface BenchContext {
  /** The whole product: Redis, both services, and the broker with our plugin; every check asks Redis. */
  stack: Stack;
  /** The product with each way of caching, the one without first. They are started when first asked for. */
  products(): Promise<Product[]>;
  /** Address of the stack's Redis for a user that may write `bench:*`. */
  benchRedisUrl: string;
  /** An empty folder for the files of other systems. */
  folder: string;
  settings: RoundSettings;
  /** Tells of a promise that the figures don't keep; the run then counts as failed. */
  tellFault(fault: string): void;
  /** Tells the person at the screen what is being measured. */
  say(condition: string): void;
}

/** One row of the benchmark: it starts what it compares with, and stops it. */
export interface Row {
  name: string;
  /** Programs beyond the product's own, with the Debian package of each. */
  programs?: Readonly<Record<string, string>>;
  /** Throws if it could not be measured; an operation that fails is counted in the result instead. */
  measure(context: BenchContext): Promise<Group[]>;
}
