import type { Test } from 'tap';
import { isHeld } from '../../services/core/leases/holders.ts';
import { holdersKey } from '../../services/core/redis/keys.ts';
import { until } from './until.ts';
import { commandsOf } from './count-work.ts';
import type { TestStackOptions } from './stack.ts';
import { startWebhookStage, type SignedIn, type WebhookStage } from './webhook-service.ts';

/** Webhook services with near caches on one Redis. The stage's own service has none. A sign-in leaves all with their leases. */
export interface HolderStage extends WebhookStage {
  holders: WebhookStage[];
  /** Names of the commands that Redis gets meanwhile, without those that keep leases. */
  commandsFrom(work: () => Promise<unknown>): Promise<string[]>;
}

/** Starts Redis, the stage's own service and `count` holders, and returns when their leases are valid. */
export async function startHolders(
  t: Test,
  count: number,
  settings: Record<string, string> = {},
): Promise<HolderStage> {
  const home = await startWebhookStage(t, { settings: { webhook: { BROKER_URLS: '' } } });
  const holders: WebhookStage[] = [];
  for (let i = 0; i < count; i += 1) holders.push(await startHolder(t, home, settings));
  const signIn: WebhookStage['signIn'] = async (account) => {
    const session = await home.signIn(account);
    await untilUndisturbed(home, holders);
    return session;
  };
  return { ...home, signIn, holders, commandsFrom: (work) => commandsOf(home.store, work) };
}

/** Starts one more service with a near cache on the Redis of `home`, or on `REDIS_URL` if that is among the settings. */
export async function startHolder(
  t: Test,
  home: WebhookStage,
  settings: Record<string, string> = {},
): Promise<WebhookStage> {
  const webhook: NonNullable<TestStackOptions['settings']>['webhook'] = {
    BROKER_URLS: '',
    NEAR_CACHE: 'on',
    REDIS_URL: home.stack.redisUrl('webhook'),
    ISSUER: home.issuer,
    VERIFICATION_KEYS_FILE: home.stack.secrets.files.verificationKeys,
    ...settings,
  };
  const holder = await startWebhookStage(t, { settings: { webhook } });
  await untilHolding(holder);
  return holder;
}

/** Returns once a service holds a valid lease. */
export async function untilHolding(holder: WebhookStage): Promise<void> {
  await until(async () => (await metricOf(holder, 'bednet_near_cache_lease_valid')) === 1, {
    what: 'a lease',
  });
}

/** Returns once services hold leases that go on: who hears of a change too late, on a busy machine, is evicted and comes back. */
export async function untilUndisturbed(home: WebhookStage, holders: readonly WebhookStage[]): Promise<void> {
  const records = () => home.store.redis.hvals(holdersKey);
  await until(async () => (await records()).every(isHeld), { what: 'the end of an eviction' });
  for (const holder of holders) await untilHolding(holder);
}

/** How often a service came to its facts in which way, so far. */
export async function lookupsOf(
  holder: WebhookStage,
): Promise<Record<'hit' | 'miss' | 'joined' | 'again' | 'noLease', number>> {
  const read = (lookup: string) => metricOf(holder, `bednet_near_cache_lookups_total{lookup="${lookup}"}`);
  const [hit, miss, joined, again, noLease] = await Promise.all(
    ['hit', 'miss', 'joined', 'read-again', 'no-lease'].map(read),
  );
  return { hit: hit ?? 0, miss: miss ?? 0, joined: joined ?? 0, again: again ?? 0, noLease: noLease ?? 0 };
}

/** One number of a service's metrics; 0 if it isn't there. */
export async function metricOf(service: WebhookStage, name: string): Promise<number> {
  const text = await (await fetch(`${service.stack.urls.webhook}/metrics`)).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

/** A publish that the default rules allow. */
export function writeCheck({ username, clientId }: Pick<SignedIn, 'username' | 'clientId'>) {
  return { username, clientid: clientId, topic: `users/${username}/x`, acc: 2 };
}
