import { readService } from './read-service.ts';
import { differenceOf, together, type Totals } from './totals.ts';

/** How often webhook services are asked while somebody watches. */
export const stepMs = 2000;
/** For how long what they said is kept. */
export const keptMs = 900_000;
/** Nobody has asked for so long: nobody watches. */
const restAfterMs = 15_000;

/** What happened at all webhook services from one reading to the next. */
export interface MetricsPoint extends Totals {
  /** When it ended, in ms since 1970. */
  atMs: number;
  seconds: number;
}

/** A webhook service as far as the picture goes. */
export interface WatchedService {
  /** Host and port. */
  name: string;
  state: 'waiting' | 'up' | 'away';
}

/** The metrics of the webhook services over the last minutes. */
export interface CheckMetrics {
  /** The points after `afterMs`, oldest first. Whoever looks keeps the readings going. */
  look(afterMs: number): { services: WatchedService[]; points: MetricsPoint[] };
  close(): void;
}

interface Reading {
  atMs: number;
  totals: Totals;
}

/**
 * Reads the metrics at `urls` every two seconds while somebody looks. What it keeps is bounded: one point per reading,
 * for a quarter of an hour.
 */
export function watchCheckMetrics(
  urls: readonly string[],
  { read = readService, nowMs = Date.now }: { read?: typeof readService; nowMs?: () => number } = {},
): CheckMetrics {
  const services = urls.map((url): WatchedService => ({ name: new URL(url).host, state: 'waiting' }));
  const last = new Map<string, Reading>();
  let points: MetricsPoint[] = [];
  let lookedAtMs = 0;
  let timer: NodeJS.Timeout | undefined;

  async function step(): Promise<void> {
    const beganAtMs = nowMs();
    const parts = await Promise.all(urls.map(readOne));
    const known = parts.filter((part) => part !== undefined);
    const atMs = nowMs();
    points = points.filter((point) => atMs - point.atMs < keptMs);
    if (known.length > 0) points.push({ atMs, seconds: longestOf(known), ...together(known) });
    if (timer) plan(Math.max(0, stepMs - (atMs - beganAtMs)));
  }

  /** What came since the last reading; undefined if there is none, or the service is away. */
  async function readOne(url: string, index: number): Promise<(Totals & { seconds: number }) | undefined> {
    const totals = await read(url);
    const service = services[index];
    if (service) service.state = totals ? 'up' : 'away';
    const before = last.get(url);
    if (!totals) return undefined;
    const atMs = nowMs();
    last.set(url, { atMs, totals });
    // After a rest, or an absence, it can't be said when things happened.
    if (!before || atMs - before.atMs > 3 * stepMs) return undefined;
    return { ...differenceOf(before.totals, totals), seconds: (atMs - before.atMs) / 1000 };
  }

  function plan(delayMs: number): void {
    const isWatched = nowMs() - lookedAtMs < restAfterMs;
    timer = isWatched ? setTimeout(() => void step(), delayMs) : undefined;
    timer?.unref();
  }

  return {
    look(afterMs) {
      lookedAtMs = nowMs();
      if (!timer && urls.length > 0) plan(0);
      const shown = points.filter(({ atMs }) => atMs > afterMs && lookedAtMs - atMs < keptMs);
      return { services: services.map((service) => ({ ...service })), points: shown };
    },
    close() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

function longestOf(parts: readonly { seconds: number }[]): number {
  return Math.max(...parts.map(({ seconds }) => seconds));
}
