import type { Change } from '../history/registers.ts';
import { settle, type History, type Id } from '../history/history.ts';
import type { Random } from '../../support/random.ts';
import type { FaultStage } from '../stage/stage.ts';
import { createProbe, type Probe } from './probe.ts';

/** Somebody who asks: a session, or a device with one of its keys. */
export interface Asker {
  readonly credential: Id;
  /** The MQTT username. */
  readonly username: string;
  /** The MQTT client id without the suffix of a connection. */
  readonly clientId: string;
  /** What goes between the two. */
  readonly separator: string;
  /** The MQTT password. */
  password: string;
  /** When a call that ended it for good returned; Infinity before. */
  endedMs: number;
  /** Whether an MQTT client speaks for it. */
  hasClient: boolean;
}

/** A signed-in session. */
export interface Session extends Asker {
  readonly sid: string;
  readonly register: Id;
  readonly account: Account;
  renewalToken: string;
  /** When its renewal was first tried: it may have been replaced then, though nobody was told. */
  firstTryMs: number | undefined;
  /** The token before, and when its renewal was first tried. */
  parent: { token: string; rotatedMs: number } | undefined;
  /** The generation of a token whose renewal was not answered: the request may still be on its way. */
  lostGeneration: number | undefined;
  isBusy: boolean;
}

/** An account with its sessions. */
export interface Account {
  readonly uid: string;
  readonly username: string;
  password: string;
  /** Whether sign-ins are let in. */
  readonly state: Id;
  credential: Id;
  passwordRegister: Id;
  /** By whose token the others are ended; never a victim itself. */
  anchor: Session | undefined;
  readonly sessions: Set<Session>;
  /** Calls that end all its sessions, also those that are only being signed in. */
  readonly everything: Id;
  isBusy: boolean;
}

/** A topic that rules can deny, or one that they never do. */
export interface Topic {
  readonly register: Id;
  /** Filters of rules end in `/#` after it. */
  readonly name: string;
  readonly isStable: boolean;
}

/** What all actors share. */
export interface World {
  readonly stage: FaultStage;
  readonly history: History;
  readonly random: Random;
  readonly topics: readonly Topic[];
  readonly accounts: Account[];
  /** Live sessions, and devices by their current keys. */
  readonly askers: Set<Asker>;
  /** Those that are being ended or have just been. */
  readonly hot: Asker[];
  /** Calls by their names, and other things that are counted. */
  readonly counts: Map<string, number>;
  /** Asks about somebody who has just been ended. */
  readonly probe: Probe;
  isOpen(): boolean;
}

/** Makes a world without people. */
export function createWorld(stage: FaultStage, history: History, random: Random): World & { close(): void } {
  let open = true;
  const topic = (name: string, isStable: boolean) => ({
    ...{ name, isStable },
    register: history.addRegister(`topic ${name}`),
  });
  const world = {
    ...{ stage, history, random },
    topics: [0, 1, 2, 3, 4, 5].map((number) => topic(`t/${number}`, number < 3)),
    accounts: [],
    askers: new Set<Asker>(),
    hot: [],
    counts: new Map<string, number>(),
    isOpen: () => open,
  };
  return { ...world, probe: createProbe(world), close: () => void (open = false) };
}

/** Counts one more. */
export function count({ counts }: Pick<World, 'counts'>, name: string, times = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + times);
}

/** A call that ends rights: `done` when it returned and said so, `refused` when it changed nothing. */
export interface Ending {
  done(): void;
  refused(): void;
}

/** Notes that a call begins now that ends all of these registers. */
export function beginEnding(
  { history }: Pick<World, 'history'>,
  registers: readonly Id[],
  label: string,
): Ending & { readonly changes: readonly Change[] } {
  const startMs = performance.now();
  const changes = registers.map((register) => history.addChange(register, { allows: false, startMs, label }));
  return {
    changes,
    done() {
      const endMs = performance.now();
      for (const change of changes) settle(change, endMs);
    },
    refused() {
      for (const change of changes) change.refused = true;
    },
  };
}

const hotForMs = 80;

/** Has the checkers ask about somebody above all, until a while after `work` is done. */
export async function whileHot<T>(world: World, asker: Asker, work: () => Promise<T>): Promise<T> {
  world.hot.push(asker);
  try {
    return await work();
  } finally {
    setTimeout(() => world.hot.splice(world.hot.indexOf(asker), 1), hotForMs);
  }
}
