import type { FastifyBaseLogger } from 'fastify';
import { shortenAddress } from './address.ts';
import type { MailEvent, MailOutcome } from './outbox.ts';

const levels: Record<MailOutcome, 'info' | 'warn' | 'error'> = {
  sent: 'info',
  retried: 'warn',
  refused: 'error',
  'given-up': 'error',
  expired: 'error',
  dropped: 'error',
  lost: 'error',
};
const dropLineEveryMs = 1000;

/**
 * Makes the log of mail: one event per outcome (`mail-sent`, `mail-retried`, …), with no token, code, link or whole
 * address. Drops come in floods: they get at most one line a second, with the number since the line before.
 */
export function createMailLog(
  log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>,
  nowMs: () => number = () => performance.now(),
): (event: MailEvent) => void {
  let lastDropLineMs = Number.NEGATIVE_INFINITY;
  let dropped = 0;
  return (event) => {
    if (event.outcome !== 'dropped') return write(log, event);
    dropped += 1;
    if (nowMs() - lastDropLineMs < dropLineEveryMs) return;
    lastDropLineMs = nowMs();
    write(log, event, { dropped });
    dropped = 0;
  };
}

function write(
  log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>,
  { outcome, letter, mailId, attempt, failure, retryInMs }: MailEvent,
  more: { dropped?: number } = {},
): void {
  const fields = {
    event: `mail-${outcome}`,
    kind: letter.kind,
    mailId,
    to: shortenAddress(letter.to.address),
    attempt,
    ...(failure && { failure }),
    ...(retryInMs !== undefined && { retryInMs }),
    ...more,
  };
  log[levels[outcome]](fields, `mail ${outcome}`);
}
