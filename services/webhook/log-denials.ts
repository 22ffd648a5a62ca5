import type { FastifyBaseLogger } from 'fastify';
import type { Access } from '../core/acl/rules.ts';
import type { DenialReason } from '../core/check/reasons.ts';
import { createDeviceGuessLimit } from './device-guesses.ts';
import type { CheckName } from './metrics.ts';

/** What the log tells about a denied check. */
export interface DeniedCheck {
  check: CheckName;
  reason: DenialReason;
  username?: string | undefined;
  clientId?: string | undefined;
  topic?: string | undefined;
  access?: Access | undefined;
}

/** Beyond this many lines a second denials are only counted: a denied publisher in a loop must not fill the disk. */
const linesPerSecond = 100;
const longestTopicLogged = 256;
const longestNameLogged = 64;

/**
 * Makes the log of denials: one event each, up to a bounded rate; the rest is summed up with the next event that is
 * logged. Ids are shortened; names and topics are cut, and escaped by the JSON of the log.
 */
export function createDenialLog(
  log: FastifyBaseLogger,
  nowMs: () => number = performance.now.bind(performance),
): (denied: DeniedCheck) => void {
  let windowStartMs = Number.NEGATIVE_INFINITY;
  let linesInWindow = 0;
  let notLogged = 0;
  const mayLog = createDeviceGuessLimit(log, nowMs);
  return (denied) => {
    if (!mayLog(denied)) return;
    if (nowMs() - windowStartMs >= 1000) {
      windowStartMs = nowMs();
      linesInWindow = 0;
    }
    linesInWindow += 1;
    if (linesInWindow > linesPerSecond) {
      notLogged += 1;
      return;
    }
    log.info(
      { event: 'check-denied', ...shorten(denied), ...(notLogged > 0 && { notLogged }) },
      'check denied',
    );
    notLogged = 0;
  };
}

/** A client id or sid as logs show it: enough to find it, too little to use it. */
export function shortenId(id: string): string {
  return id.length > 8 ? `${id.slice(0, 8)}…` : id;
}

function shorten({ username, clientId, topic, ...rest }: DeniedCheck): Record<string, unknown> {
  return {
    ...rest,
    ...(username !== undefined && { username: username.slice(0, longestNameLogged) }),
    ...(clientId !== undefined && { clientId: shortenId(clientId) }),
    ...(topic !== undefined && { topic: topic.slice(0, longestTopicLogged) }),
  };
}
