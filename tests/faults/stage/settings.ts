import type { Stack } from '../../../services/stack/stack.ts';
import type { StackOptions } from '../../../services/stack/stack-options.ts';
import { crowdLimits } from '../../support/crowd-limits.ts';
import type { RedisGroup } from '../../support/redis-group.ts';
import type { FalseClock } from './clock.ts';
import type { Link, Links } from './links.ts';
import type { CacheChoice } from './stage.ts';

const sessionSettings = {
  ...crowdLimits,
  SESSIONS_PER_ACCOUNT: '1000',
  ARGON2_MEMORY_KIB: '8',
  ARGON2_TIME: '1',
  // Longer than a run: what ends during it was ended by somebody.
  ACCESS_TTL_SECONDS: '7200',
  FRESH_SIGN_IN_SECONDS: '7200',
  WEB_PAGE: 'off',
};

interface Wishes {
  /** Made, but not to be started: they tell ports and secrets. */
  readonly drafts: readonly [Stack, Stack];
  readonly links: Links;
  readonly clock: FalseClock | undefined;
  readonly caches: CacheChoice;
  readonly group: RedisGroup | undefined;
}

type StackSettings = NonNullable<StackOptions['settings']>;

/** Opens the links and says by which settings the parts use them. */
export async function settingsOf({
  drafts,
  links,
  clock,
  caches,
  group,
}: Wishes): Promise<{ stacks: [StackSettings, StackSettings]; links: Link[] }> {
  const [home] = drafts;
  const opened: Link[] = [];
  const open = async (name: string, toPort: number) => {
    const link = await links.open(name, toPort);
    opened.push(link);
    return link;
  };
  /** Servers that tell of one another are asked without a link: clients go where they are told. */
  const redisFor = async (user: 'session' | 'webhook', name: string) => ({
    REDIS_URL: group?.url(user) ?? redisUrl(home, user, await open(`${name} to Redis`, home.ports.redis)),
    REDIS_REPLICAS_REQUIRED: group ? '1' : '0',
    ISSUER: `http://localhost:${home.ports.session}`,
  });
  const session = {
    ...sessionSettings,
    ...keyFilesOf(home),
    ...(await redisFor('session', 'session service')),
  };
  const stacks: StackSettings[] = [];
  for (const [index, draft] of drafts.entries()) {
    const webhook = {
      ...(await redisFor('webhook', `webhook ${index + 1}`)),
      VERIFICATION_KEYS_FILE: home.secrets.files.verificationKeys,
      // At the second broker nobody is kicked: there the checks alone keep the revoked out.
      BROKER_URLS: `mqtt://127.0.0.1:${home.ports.mqtt}`,
      NEAR_CACHE: caches === 'none' ? 'off' : 'on',
      ...(index === drafts.length - 1 && clock?.environment),
    };
    const brokerLink = await open(`broker ${index + 1} to webhook`, draft.ports.webhook);
    stacks.push({ session, webhook, mosquitto: { WEBHOOK_PORT: String(brokerLink.port) } });
  }
  return { stacks: stacks as [StackSettings, StackSettings], links: opened };
}

/** Those that all session services must have in common. */
function keyFilesOf({ secrets: { files } }: Stack): Record<string, string> {
  return {
    SIGNING_KEYS_FILE: files.signingKeys,
    RENEWAL_KEYS_FILE: files.renewalKeys,
    PASSWORD_PEPPER_FILE: files.pepper,
    SECOND_FACTOR_KEY_FILE: files.secondFactorKey,
  };
}

function redisUrl({ secrets }: Stack, user: 'session' | 'webhook', { port }: Link): string {
  return `redis://${user}:${secrets.redisPasswords[user]}@127.0.0.1:${port}`;
}
