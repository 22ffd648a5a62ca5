import { guessesKey, knownNetworksKey, type GuessedAccount } from '../redis/keys.ts';
import type { ScriptAnswer, Store } from '../redis/store.ts';
import type { GuessSettings } from './guess-settings.ts';
import { unreadableNetwork } from './network.ts';

/** The secrets that can be guessed; each has counters of its own (keycloak/keycloak#46164). */
export type GuessKind = 'password' | 'second-factor' | 'backup-code' | 'mail-code';

/** What is tried: one kind of secret of an account, from a network. */
export interface AccountTry {
  kind: GuessKind;
  account: GuessedAccount;
  network: string;
}

/** A try that counts as a failure until it is settled otherwise. */
export interface TakenTry {
  outcome: 'taken';
  /** The network, if it is a known one; else `new`. */
  counter: string;
  takenAtMs: number;
  delayedUntilMs: number;
  failuresInARow: number;
}

/** A try that must not be made now. */
export interface RefusedTry {
  outcome: 'refused';
  reason: 'delayed' | 'disabled';
  waitMs: number;
}

const countersSeconds = 30 * 86_400;
const disabledSeconds = 365 * 86_400;

/** Takes one try at an account's secret, atomically. `nowMs` overrides Redis' clock in tests. */
export async function takeAccountTry(
  store: Store,
  { kind, account, network }: AccountTry,
  settings: GuessSettings,
  nowMs?: number,
): Promise<TakenTry | RefusedTry> {
  const answer = await store.run(
    'guess-take-try',
    [guessesKey(account, kind), knownNetworksKey(account)],
    [
      network === unreadableNetwork ? '' : network,
      settings.freeFailures,
      settings.firstDelaySeconds,
      settings.longestDelaySeconds,
      settings.forgetFailuresAfterSeconds,
      settings.failuresInARow,
      settings.failuresKeptForKnownNetworks,
      settings.knownNetworkSeconds,
      countersSeconds,
      disabledSeconds,
      nowMs ?? '',
    ],
  );
  return toAccountTry(answer);
}

/** Settles a try that was right, or that came to no check of the secret. A wrong one has been counted already. */
export async function settleAccountTry(
  store: Store,
  { kind, account }: AccountTry,
  taken: TakenTry,
  result: 'right' | 'unchecked',
): Promise<void> {
  await store.run(
    'guess-settle-try',
    [guessesKey(account, kind)],
    [result, taken.counter, taken.takenAtMs, taken.delayedUntilMs],
  );
}

function toAccountTry(answer: ScriptAnswer): TakenTry | RefusedTry {
  const [outcome, ...values] = answer;
  if (outcome === 'refused')
    return { outcome, reason: values[0] as RefusedTry['reason'], waitMs: Number(values[1]) };
  if (outcome !== 'taken') throw new TypeError(`guess-take-try.lua answered ${outcome}`);
  return {
    outcome,
    counter: String(values[0]),
    takenAtMs: Number(values[1]),
    delayedUntilMs: Number(values[2]),
    failuresInARow: Number(values[3]),
  };
}
