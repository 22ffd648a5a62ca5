/** What is kept about one start of a broker whose plugin reports the ends of connections; times by Redis' clock. */
export interface BrokerReport {
  /** The newest report, which may have been empty: one comes every 5 s at least. */
  lastReportMs: number;
  /** Ends that were never reported, since the start. */
  dropped: number;
  /** When the newest of them was told, or 0: what was noted before that may have ended. */
  lossAtMs: number;
}

/** A broker that is silent for a day is gone for good. */
export const keptSeconds = 86_400;

/** Four reports, after which nobody knows what has become of its connections. */
const silentAfterMs = 20_000;

/** The record of a start that is over, as the same broker has started again. */
export const endedReport = '0 0 0';

/** A record as it is stored. */
export function writeBrokerReport({ lastReportMs, dropped, lossAtMs }: BrokerReport): string {
  return `${lastReportMs} ${dropped} ${lossAtMs}`;
}

/** A stored record; undefined if there is none (any more). */
export function readBrokerReport(stored: string | null): BrokerReport | undefined {
  if (stored === null) return undefined;
  const [lastReportMs, dropped, lossAtMs] = stored.split(' ').map(Number);
  return { lastReportMs: lastReportMs ?? 0, dropped: dropped ?? 0, lossAtMs: lossAtMs ?? 0 };
}

/** Whether a connection that was noted at `sinceMs` is still there, by what its broker has reported. */
export function isOpen(
  report: BrokerReport | undefined,
  sinceMs: number,
  nowMs: number,
): boolean | 'unknown' {
  if (report?.lastReportMs === 0) return false;
  // A broker lets clients in before its first report is taken; one that has been silent for a day has no record either.
  if (report === undefined) return nowMs - sinceMs <= silentAfterMs ? 'unknown' : false;
  if (nowMs - report.lastReportMs > silentAfterMs || sinceMs <= report.lossAtMs) return 'unknown';
  return true;
}
