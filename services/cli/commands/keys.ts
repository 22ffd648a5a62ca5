import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../../core/redis/store.ts';
import type { SigningAlgorithm } from '../../core/tokens/jwk.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../context.ts';
import { renewalFamily, signingFamily, type KeyFamily } from '../keys/key-family.ts';
import { addKey, promoteKey, redisNowMs, retireKeys } from '../keys/change-keys.ts';
import { nextKeys, stateOf, type StoredKey } from '../keys/key-state.ts';
import { reportsOf, untilActive, untilLoaded } from '../keys/wait-for-services.ts';
import { table, toUtc, type Answer } from '../output.ts';
import { confirm } from '../terminal.ts';

/** Which keys; those that access tokens are signed with by default. */
export interface FamilyOption {
  renewal?: true;
}

/** What `keys promote` and `keys retire` take beside the kid. */
export interface ForceOptions extends FamilyOption {
  force?: true;
  yes?: true;
}

/** What `keys add` and `keys rotate` take. */
export interface NewKeyOptions extends FamilyOption {
  algorithm?: SigningAlgorithm;
  /** How long a key is to be published before it signs, in s. */
  publishedFor?: number;
}

/** The keys of a file, how they stand, and which instances have loaded them. */
export async function list(context: CommandContext, options: FamilyOption): Promise<Answer> {
  const family = familyOf(context, options);
  const keys = family.load();
  const reports = await reportsOf(context.store, family);
  const rows = keys.map(({ kid, alg, createdAt = '', replacedAt = '', tokensUntil = '' }, index) => ({
    ...{ kid, algorithm: alg, state: stateOf(keys, index), createdAt, replacedAt, tokensUntil },
    loadedBy: reports.filter((report) => family.knownTo(report).includes(kid)).length,
    usedBy: reports.filter((report) => family.activeAt(report) === kid).length,
  }));
  const cells = rows.map((row) => [
    ...[row.kid, row.algorithm, row.state, utc(row.createdAt), utc(row.tokensUntil)],
    `${row.loadedBy} of ${reports.length}`,
    String(row.usedBy),
  ]);
  return { json: { keys: rows, instances: reports }, text: table(header, cells) };
}

/** Adds a key that signs nothing yet, and waits until every service knows it. */
export async function add(context: CommandContext, options: NewKeyOptions): Promise<Answer> {
  const family = familyOf(context, options);
  const { kid, alg } = await addKey(context, family, options.algorithm);
  const instances = await untilLoaded(context.store, family, kid);
  return {
    json: { kid, algorithm: alg, instances },
    text: `Added the ${family.what} ${kid}: ${countOf(instances)} loaded it. It makes tokens once it is promoted.`,
  };
}

/** Makes tokens with another key from now on. */
export async function promote(
  context: CommandContext,
  kid: string | undefined,
  options: ForceOptions,
): Promise<Answer> {
  const family = familyOf(context, options);
  const { kid: promoted, previous } = await promoteKey(context, family, kid, options.force ?? false);
  const instances = await untilActive(context.store, family, promoted);
  return { json: { kid: promoted, previous, instances }, text: promotedText(family, promoted, previous) };
}

/** Removes a key, or all whose tokens have run out. */
export async function retire(
  context: CommandContext,
  kid: string | undefined,
  options: ForceOptions,
): Promise<Answer> {
  const family = familyOf(context, options);
  if (options.force) {
    if (kid === undefined) throw new CliError('say which key is to be retired by force');
    await confirm(`Refuse every token of ${kid} from now on?`, options);
  }
  const retired = await retireKeys(context, family, kid, options.force ?? false);
  const text = retired.length === 0 ? `No ${family.what} has lapsed.` : `Retired ${retired.join(', ')}.`;
  return { json: { retired }, text };
}

/**
 * A whole rotation: removes what has lapsed, adds a key (or goes on with one that an earlier try added), waits until all
 * services know it, promotes it. No token that is valid is refused meanwhile.
 */
export async function rotate(context: CommandContext, options: NewKeyOptions): Promise<Answer> {
  const family = familyOf(context, options);
  const retired = await retireKeys(context, family, undefined, false);
  const [waiting] = nextKeys(family.load());
  if (waiting && options.algorithm && waiting.alg !== options.algorithm)
    throw new CliError(`${waiting.kid} for ${waiting.alg} was added and not promoted: retire it first`);
  const key = waiting ?? (await addKey(context, family, options.algorithm));
  const instances = await untilLoaded(context.store, family, key.kid);
  await untilPublished(context.store, key, options.publishedFor ?? 0);
  const { previous } = await promoteKey(context, family, key.kid, false);
  await untilActive(context.store, family, key.kid);
  const also = retired.length === 0 ? [] : [`Retired ${retired.join(', ')}.`];
  return {
    json: { kid: key.kid, algorithm: key.alg, previous, retired, instances },
    text: [...also, promotedText(family, key.kid, previous)].join('\n'),
  };
}

const header = ['KID', 'ALGORITHM', 'STATE', 'CREATED', 'TOKENS UNTIL', 'LOADED BY', 'USED BY'];

function familyOf({ settings }: CommandContext, { renewal }: FamilyOption): KeyFamily {
  return renewal ? renewalFamily(settings) : signingFamily(settings);
}

async function untilPublished(store: Store, { createdAt }: StoredKey, seconds: number): Promise<void> {
  const publishedMs = (await redisNowMs(store)) - Date.parse(createdAt ?? '');
  if (publishedMs < seconds * 1000) await delay(seconds * 1000 - publishedMs);
}

function promotedText(family: KeyFamily, kid: string, previous: StoredKey): string {
  return `The ${family.what} ${kid} makes the tokens now. Those of ${previous.kid} are good until ${utc(previous.tokensUntil ?? '')} at the latest; the next rotation after that retires it, or bednet keys retire.`;
}

function utc(text: string): string {
  return text === '' ? '' : toUtc(Date.parse(text));
}

function countOf(instances: number): string {
  return instances === 1 ? '1 running instance has' : `${instances} running instances have`;
}
