import type { Change, Register } from './registers.ts';
import { createRows, type Rows } from './rows.ts';

/** How somebody asked for something. A delivery counts from the start of its publish. */
export const checkKinds = [
  'acl over HTTP',
  'user over HTTP',
  'connect',
  'subscribe',
  'publish',
  'delivery',
  'renewal',
  'sign-in',
] as const;
export type CheckKind = (typeof checkKinds)[number];

/** `unknown` = no answer, or one that says that the truth could not be had. */
export const outcomes = ['granted', 'denied', 'unknown'] as const;
export type Outcome = (typeof outcomes)[number];

/** The number of a register or credential in its history. */
export type Id = number;

/** One operation that is allowed or not. */
export interface Check {
  readonly kind: CheckKind;
  /** With what somebody asked: an entry of `credentials`. */
  readonly credential: Id;
  /** The register of the topic, where there is one. */
  readonly topic?: Id | undefined;
  readonly outcome: Outcome;
  readonly startMs: number;
  readonly endMs: number;
  /** Where it was asked and why it was denied, for people. */
  readonly note: string;
}

/** One answer to a renewal token. */
export interface Successor {
  /** The token without what is secret: session and generation. */
  readonly token: string;
  readonly successor: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Something that was broken on purpose, for people. */
export interface Injected {
  /** What exactly. */
  what: string;
  readonly startMs: number;
  endMs: number;
}

/** All that happened, on one clock. */
export interface History {
  readonly registers: readonly Register[];
  /** What each credential depends on: it is good while all of these registers allow. */
  readonly credentials: readonly { readonly name: string; readonly registers: readonly Id[] }[];
  readonly checks: Rows;
  readonly successors: readonly Successor[];
  readonly injected: readonly Injected[];
  addRegister(name: string): Id;
  addCredential(name: string, registers: readonly Id[]): Id;
  /** Notes a call that begins now or began before; whoever made it settles or refuses it later. */
  addChange(register: Id, change: Pick<Change, 'allows' | 'startMs' | 'label'>): Change;
  addSuccessor(successor: Successor): void;
  addInjected(what: string, startMs: number): Injected;
}

/** Makes a history in which nothing has happened. */
export function createHistory(): History {
  // Number 0 stands for "none" in the rows of checks.
  const registers: Register[] = [{ name: 'none', changes: [] }];
  const credentials: History['credentials'][number][] = [];
  const successors: Successor[] = [];
  const injected: Injected[] = [];
  return {
    registers,
    credentials,
    successors,
    injected,
    checks: createRows(),
    addRegister: (name) => registers.push({ name, changes: [] }) - 1,
    addCredential: (name, ids) => credentials.push({ name, registers: ids }) - 1,
    addChange(register, { allows, startMs, label }) {
      const change = { allows, startMs, label, endMs: Infinity, settled: false, refused: false };
      registers[register]?.changes.push(change);
      return change;
    },
    addSuccessor: (successor) => void successors.push(successor),
    addInjected(what, startMs) {
      const entry = { what, startMs, endMs: Infinity };
      injected.push(entry);
      return entry;
    },
  };
}

/** Notes that a call returned and that what it asked for is done. */
export function settle(change: Change, endMs: number): void {
  change.endMs = endMs;
  change.settled = true;
}
