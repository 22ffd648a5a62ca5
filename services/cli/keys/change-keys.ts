import { toMs } from '../../core/redis/time.ts';
import type { Store } from '../../core/redis/store.ts';
import type { SigningAlgorithm } from '../../core/tokens/jwk.ts';
import { withLock } from '../../stack/lock.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../context.ts';
import type { KeyFamily } from './key-family.ts';
import { assertRetirable, choose, lapsedKeys, nextKeys, withActive, type StoredKey } from './key-state.ts';
import { namesOf, reportsOf } from './wait-for-services.ts';

/** Adds a key behind the others: it makes no tokens. Throws a CliError if it would be of a third algorithm. */
export async function addKey(
  context: CommandContext,
  family: KeyFamily,
  algorithm: SigningAlgorithm | undefined,
): Promise<StoredKey> {
  const key = await change(context, family, (keys) => {
    const made = family.make(algorithm ?? (keys[0]?.alg as SigningAlgorithm));
    const algorithms = new Set([...keys, made].map(({ alg }) => alg));
    if (algorithms.size > 2)
      throw new CliError(
        `there are keys of ${[...algorithms].slice(0, 2).join(' and ')} already: retire one first`,
      );
    return { keys: [...keys, made], result: made };
  });
  context.tell('keys-changed', { reason: `${family.what} ${key.kid} added` });
  return key;
}

/** Puts a key in front of the others. Throws a CliError if an instance would refuse tokens of the key, unless forced. */
export async function promoteKey(
  context: CommandContext,
  family: KeyFamily,
  wanted: string | undefined,
  force: boolean,
): Promise<{ kid: string; previous: StoredKey }> {
  const { store } = context;
  const { kid } = choose(family.load(), wanted, nextKeys(family.load()));
  const reports = await reportsOf(store, family);
  const ignorant = reports.filter((report) => !family.knownTo(report).includes(kid));
  if (ignorant.length > 0 && !force) throw new CliError(`${namesOf(ignorant)} would refuse tokens of ${kid}`);
  const nowMs = await redisNowMs(store);
  const previous = await change(context, family, (keys) => {
    const chosen = choose(keys, kid, []);
    if (chosen === keys[0]) throw new CliError(`${kid} is the key in use already`);
    const changed = withActive(keys, chosen, { nowMs, lifeSeconds: family.lifeSecondsOf(reports) });
    return { keys: changed, result: changed.find((key) => key.kid === keys[0]?.kid) as StoredKey };
  });
  context.tell('keys-changed', { reason: `${family.what} ${kid} promoted` });
  return { kid, previous };
}

/** Removes a key, or all that have lapsed; returns their kids. Throws a CliError if tokens of it may be in use. */
export async function retireKeys(
  context: CommandContext,
  family: KeyFamily,
  kid: string | undefined,
  force: boolean,
): Promise<string[]> {
  const nowMs = await redisNowMs(context.store);
  const retired = await change(context, family, (keys) => {
    const gone = kid === undefined ? lapsedKeys(keys, nowMs) : [choose(keys, kid, [])];
    for (const key of gone) assertRetirable(keys, key, nowMs, force);
    return { keys: keys.filter((key) => !gone.includes(key)), result: gone.map((key) => key.kid) };
  });
  for (const gone of retired) context.tell('keys-changed', { reason: `${family.what} ${gone} retired` });
  return retired;
}

/** Changes the file while no other command of this run folder, `make up` included, does. */
function change<T>(
  { settings }: CommandContext,
  family: KeyFamily,
  edit: (keys: StoredKey[]) => { keys: StoredKey[]; result: T },
): Promise<T> {
  return withLock(settings.runDir, async () => {
    const before = family.load();
    const { keys, result } = edit(before);
    if (keys.length !== before.length || keys.some((key, index) => key !== before[index])) family.save(keys);
    return result;
  });
}

/** The one clock that decisions are made by. */
export async function redisNowMs(store: Store): Promise<number> {
  return toMs((await store.redis.time()) as [number, number]);
}
