import { closeSync, openSync, readSync } from 'node:fs';
import type { Test } from 'tap';
import { offsets, slotOf, stampOffset } from '../../services/webhook/decision-cache/layout.ts';

/** What the counter file said about a client id before the webhook service was asked. */
export interface Snapshot {
  readonly epoch: bigint;
  readonly slotStamp: bigint;
  readonly globalStamp: bigint;
}

/** The plugin's side of the decision cache, as mosquitto-conf/plugin/README.md describes it, for one counter file. */
export interface RememberedGrants {
  snapshot(clientId: string): Snapshot;
  /** Remembers a grant if the header of its answer says so. Returns whether it does. */
  keep(check: string, answer: { clientId: string; header: string | undefined; before: Snapshot }): boolean;
  /** Whether a check is granted without asking. */
  has(check: string): boolean;
}

interface Grant extends Snapshot {
  readonly clientId: string;
  readonly untilNs: bigint;
}

/** Opens the file at `path`, and another one there as soon as an answer names it. */
export function openRememberedGrants(t: Test, path: string): RememberedGrants {
  const grants = new Map<string, Grant>();
  let fd = openSync(path, 'r');
  t.teardown(() => closeSync(fd));

  const word = (offset: number): bigint => {
    const bytes = Buffer.alloc(8);
    readSync(fd, bytes, 0, 8, offset);
    return bytes.readBigUInt64LE();
  };
  const snapshot = (clientId: string) => ({
    epoch: word(offsets.epoch),
    slotStamp: word(stampOffset(slotOf(clientId))),
    globalStamp: word(offsets.globalStamp),
  });

  function reopen(): void {
    closeSync(fd);
    fd = openSync(path, 'r');
  }

  function isLeased(): boolean {
    const leaseNs = word(offsets.leaseNs);
    const steadyAheadNs = word(offsets.steadyDeadlineNs) - process.hrtime.bigint();
    const wallAheadMs = word(offsets.wallDeadlineMs) - BigInt(Date.now());
    return (
      steadyAheadNs > 0n &&
      steadyAheadNs <= leaseNs &&
      wallAheadMs > 0n &&
      wallAheadMs <= leaseNs / 1_000_000n + 1n
    );
  }

  return {
    snapshot,
    keep(check, { clientId, header, before }) {
      const [, epoch, slot, until] = /^1 ([0-9a-f]{16}) (\d+) (\d+)$/.exec(header ?? '') ?? [];
      if (epoch === undefined || Number(slot) !== slotOf(clientId)) return false;
      const named = BigInt(`0x${epoch}`);
      if (named !== word(offsets.epoch)) reopen();
      if (named !== before.epoch) return false;
      grants.set(check, { ...before, clientId, untilNs: BigInt(until ?? 0) });
      return true;
    },
    has(check) {
      const grant = grants.get(check);
      if (grant === undefined || !isLeased() || process.hrtime.bigint() >= grant.untilNs) return false;
      const now = snapshot(grant.clientId);
      return (
        now.epoch === grant.epoch &&
        now.slotStamp === grant.slotStamp &&
        now.globalStamp === grant.globalStamp
      );
    },
  };
}
