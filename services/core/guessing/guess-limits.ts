import { partitionOf } from '../ids.ts';
import { guessesKey, signInsKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import {
  settleAccountTry,
  takeAccountTry,
  type AccountTry,
  type GuessKind,
  type TakenTry,
} from './account-tries.ts';
import type { GuessSettings, LimitedRequest } from './guess-settings.ts';
import { guessedAccountOf } from './guessed-account.ts';
import { forgetNetworks, rememberNetwork } from './known-networks.ts';
import { networkOf } from './network.ts';
import { openNetworkWindow, type NetworkWindow } from './network-window.ts';

/** Somebody presents a secret. `uid` is undefined where the login names no account. */
export interface SecretTry {
  kind: GuessKind;
  uid: string | undefined;
  login: string;
  ip: string | undefined;
}

/** How a try went; `unchecked` = the secret was never compared (no free slot, a fault of ours). */
export type TryResult = 'right' | 'wrong' | 'unchecked';

/** Where a secret is refused, right or wrong, from this failure on. */
export type DisabledFor = 'new-networks' | 'all-networks' | undefined;

/** Why something is refused: for the log and the metric. The client must not be able to tell it from a wrong secret. */
export interface Refusal {
  allowed: false;
  reason: 'network' | 'delayed' | 'disabled' | 'sign-ins';
  retryAfterSeconds: number;
}

/** A try that may be made. It counts as a failure until `settle` says otherwise; settle it once. */
export interface Grant {
  allowed: true;
  isKnownNetwork: boolean;
  /** Says how it went. A failure that disables the secret is told once, for the audit and the owner's mail. */
  settle(result: TryResult): Promise<DisabledFor>;
}

/** The limits on guessing. Everything here throws when Redis does not answer: nothing is granted then. */
export interface GuessLimits {
  /** Takes a try *before* the secret is checked, so that parallel guesses can't overrun a limit (ASVS 15.4.2). */
  beforeTry(attempt: SecretTry, nowMs?: number): Promise<Grant | Refusal>;
  /** Takes one of a network's requests. */
  takeRequest(what: LimitedRequest, ip: string | undefined): Promise<{ allowed: true } | Refusal>;
  /** Takes one of an account's sign-ins of this hour, after its password was right. */
  takeSignIn(uid: string): Promise<{ allowed: true } | Refusal>;
  /** Remembers where a sign-in was completed: failures elsewhere no longer count there. True for a new network. */
  rememberNetwork(uid: string, ip: string | undefined, nowMs?: number): Promise<boolean>;
  /** Lifts delay and disablement of one kind of secret, as a reset or an operator does. */
  lift(uid: string, kind: GuessKind): Promise<void>;
  /** Makes every network a new one again, as a reset after a theft should. */
  forgetNetworks(uid: string): Promise<void>;
}

const kinds: readonly GuessKind[] = ['password', 'second-factor', 'backup-code', 'mail-code'];

/**
 * Opens the limits on guessing. `secret` (256 bits, the same in every process) hides which unknown logins are counted
 * together.
 */
export function openGuessLimits(store: Store, settings: GuessSettings, secret: Buffer): GuessLimits {
  const failures = openFailureWindows(store, settings);
  const requests = openRequestWindows(store, settings);
  const signIns = openSignInWindow(store, settings);

  return {
    async beforeTry({ kind, uid, login, ip }, nowMs) {
      const account = guessedAccountOf({ uid, login }, secret);
      const attempt = { kind, account, network: networkOf(ip) };
      return takeTry({ store, settings, attempt, window: failures[kind] }, nowMs);
    },
    async takeRequest(what, ip) {
      const turn = await requests[what].take(networkOf(ip));
      return turn.taken ? { allowed: true } : refuse('network', turn.waitMs);
    },
    async takeSignIn(uid) {
      const turn = await signIns.take(uid);
      return turn.taken ? { allowed: true } : refuse('sign-ins', turn.waitMs);
    },
    rememberNetwork: (uid, ip, nowMs) =>
      rememberNetwork(store, { uid, network: networkOf(ip) }, settings, nowMs),
    async lift(uid, kind) {
      await store.redis.del(guessesKey({ partition: partitionOf(uid), name: uid }, kind));
    },
    forgetNetworks: (uid) => forgetNetworks(store, uid),
  };
}

interface Attempt {
  store: Store;
  settings: GuessSettings;
  attempt: AccountTry;
  window: NetworkWindow;
}

/** The network first: one that is blocked can't touch an account's counters. */
async function takeTry(context: Attempt, nowMs?: number): Promise<Grant | Refusal> {
  const { store, settings, attempt, window } = context;
  const turn = await window.take(attempt.network);
  if (!turn.taken) return refuse('network', turn.waitMs);
  const taken = await takeAccountTry(store, attempt, settings, nowMs);
  if (taken.outcome === 'refused') {
    await window.giveBack(attempt.network);
    return refuse(taken.reason, taken.waitMs);
  }
  return grant(context, taken);
}

function grant({ store, settings, attempt, window }: Attempt, taken: TakenTry): Grant {
  let isSettled = false;
  return {
    allowed: true,
    isKnownNetwork: taken.counter !== 'new',
    async settle(result) {
      if (isSettled) throw new TypeError('a try is settled once');
      isSettled = true;
      if (result === 'wrong') return disabledBy(taken.failuresInARow, settings);
      await settleAccountTry(store, attempt, taken, result);
      await window.giveBack(attempt.network);
      return undefined;
    },
  };
}

function disabledBy(failuresInARow: number, settings: GuessSettings): DisabledFor {
  if (settings.failuresInARow === 0) return undefined;
  if (failuresInARow === settings.failuresInARow) return 'all-networks';
  const mostForNew = settings.failuresInARow - settings.failuresKeptForKnownNetworks;
  return failuresInARow === mostForNew ? 'new-networks' : undefined;
}

function refuse(reason: Refusal['reason'], waitMs: number): Refusal {
  return { allowed: false, reason, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
}

function openFailureWindows(store: Store, settings: GuessSettings): Record<GuessKind, NetworkWindow> {
  const windows = kinds.map((kind) => {
    const limit = {
      what: `failed-${kind}`,
      turns: settings.failuresPerNetwork,
      windowSeconds: settings.networkWindowSeconds,
      blockSeconds: settings.networkBlockSeconds,
    };
    return [kind, openNetworkWindow(store, limit)];
  });
  return Object.fromEntries(windows) as Record<GuessKind, NetworkWindow>;
}

function openSignInWindow(store: Store, { signInsPerAccount: turns }: GuessSettings): NetworkWindow {
  return openNetworkWindow(
    store,
    { what: 'sign-in', turns, windowSeconds: 3600, blockSeconds: 0 },
    signInsKey,
  );
}

function openRequestWindows(store: Store, settings: GuessSettings): Record<LimitedRequest, NetworkWindow> {
  const windows = Object.entries(settings.requestsPerNetwork).map(([what, { requests, windowSeconds }]) => [
    what,
    openNetworkWindow(store, { what, turns: requests, windowSeconds, blockSeconds: 0 }),
  ]);
  return Object.fromEntries(windows) as Record<LimitedRequest, NetworkWindow>;
}
