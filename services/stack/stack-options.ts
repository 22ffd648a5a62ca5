import type { SigningAlgorithm } from '../core/tokens/jwk.ts';
import type { PartDeath } from './part-plan.ts';
import type { PartName } from './part-names.ts';
import type { RunDir } from './run-dir.ts';
import type { RedisUser, Secrets } from './secrets.ts';
import type { Ports } from './settings.ts';

/** What a stack is made of. */
export interface StackOptions {
  /** Folder for secrets, rendered configuration, databases and logs; made if it isn't there. */
  runDir: string;
  /** 0 or absent = a free port. */
  ports?: Partial<Ports>;
  /** That of a fresh signing key, EdDSA by default. */
  signingAlgorithm?: SigningAlgorithm | undefined;
  /** Whether the broker may remember what the webhook service granted. */
  decisionCache?: boolean;
  /** Only these parts; all by default. */
  parts?: readonly PartName[];
  /** Environment variables by service; for mosquitto values of its template's placeholders. */
  settings?: Partial<Record<'session' | 'webhook' | 'mosquitto', Record<string, string>>>;
  /** What the children inherit; by default only PATH, HOME and the like, so that a test's outcome is its own. */
  environment?: Record<string, string>;
  /** Another broker configuration than mosquitto-conf/mosquitto.conf, with the same placeholders. */
  mosquittoTemplate?: string;
  /** Lines added to the rendered users.acl, such as a user with all rights for a test. */
  extraRedisUsers?: readonly string[];
  /** Told of each part that ends though nobody asked it to. */
  onChildDeath?: (death: PartDeath) => void;
  /** Told of each change of a part's state, deaths included. */
  onChange?: () => void;
}

/** What the plan of one part is made from. */
export interface PlanContext {
  options: StackOptions;
  runDir: RunDir;
  ports: Ports;
  secrets: Secrets;
  environment: Record<string, string>;
}

/** The address of Redis for one of its users, password included. */
export function redisUrl(context: Pick<PlanContext, 'secrets' | 'ports'>, user: RedisUser): string {
  return `redis://${user}:${context.secrets.redisPasswords[user]}@127.0.0.1:${context.ports.redis}`;
}
