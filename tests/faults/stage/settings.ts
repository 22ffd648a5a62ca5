import type { Stack } from '../../../services/stack/stack.ts';
import type { StackOptions } from '../../../services/stack/stack-options.ts';
import type { SentinelStage } from '../../support/sentinel-stage.ts';
import { crowdLimits } from '../../support/crowd-limits.ts';
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
  readonly sentinel: SentinelStage | undefined;
}

type StackSettings = NonNullable<StackOptions['settings']>;

/** Opens the links and says by which settings the parts use them. */
export async function settingsOf({
  drafts,
  links,
  clock,
  caches,
  sentinel,
}: Wishes): Promise<{ stacks: [StackSettings, StackSettings]; links: Link[] }> {
  const [home] = drafts;
  const replicas = sentinel ? '1' : '0';
  const toRedis = (name: string) => links.open(`${name} to Redis`, home.ports.redis);
  const sessionLink = await toRedis('session service');
  const opened = [sessionLink];
  const stacks: StackSettings[] = [];
  for (const [index, draft] of drafts.entries()) {
    const webhookLink = await toRedis(`webhook ${index + 1}`);
    const brokerLink = await links.open(`broker ${index + 1} to webhook`, draft.ports.webhook);
    opened.push(webhookLink, brokerLink);
    stacks.push({
      webhook: {
        REDIS_URL: sentinel?.url('webhook') ?? redisUrl(home, 'webhook', webhookLink),
        REDIS_REPLICAS_REQUIRED: replicas,
        ISSUER: `http://localhost:${home.ports.session}`,
        VERIFICATION_KEYS_FILE: home.secrets.files.verificationKeys,
        // At the second broker nobody is kicked: there the checks alone keep the revoked out.
        BROKER_URLS: `mqtt://127.0.0.1:${home.ports.mqtt}`,
        NEAR_CACHE: caches === 'none' ? 'off' : 'on',
        ...(index === drafts.length - 1 && clock?.environment),
      },
      mosquitto: { WEBHOOK_PORT: String(brokerLink.port) },
    });
  }
  const session = {
    ...sessionSettings,
    REDIS_URL: sentinel?.url('session') ?? redisUrl(home, 'session', sessionLink),
    REDIS_REPLICAS_REQUIRED: replicas,
  };
  const [first = {}, second = {}] = stacks;
  return { stacks: [{ ...first, session }, second], links: opened };
}

function redisUrl({ secrets }: Stack, user: 'session' | 'webhook', { port }: Link): string {
  return `redis://${user}:${secrets.redisPasswords[user]}@127.0.0.1:${port}`;
}
