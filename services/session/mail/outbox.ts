import { randomBytes } from 'node:crypto';
import { describeFailure, type DeliveryFailure } from './delivery-failure.ts';
import { usefulForSeconds, type Letter } from './letters.ts';
import type { MailLimits } from './settings.ts';

/** What became of a letter, or of one try. */
export type MailOutcome =
  | 'sent'
  /** A try failed; another one follows. */
  | 'retried'
  /** The server, or a fault in the letter, makes repeats pointless. */
  | 'refused'
  /** The last try failed. */
  | 'given-up'
  /** Its link or code ran out before it could be sent. */
  | 'expired'
  /** The queue was full, or the service was stopping. */
  | 'dropped'
  /** Still unsent when the service stopped. */
  | 'lost';

/** One event of one letter, for log and metric. */
export interface MailEvent {
  outcome: MailOutcome;
  letter: Letter;
  /** Random; also the Message-ID. */
  mailId: string;
  attempt: number;
  failure?: DeliveryFailure;
  retryInMs?: number;
}

/** What the outbox works with. */
export interface OutboxParts {
  /** Sends once; rejects when it fails. */
  deliver(letter: Letter, mailId: string): Promise<void>;
  note(event: MailEvent): void;
  limits: MailLimits;
  nowMs?: () => number;
  random?: () => number;
}

interface Waiting {
  letter: Letter;
  mailId: string;
  acceptedAtMs: number;
  attempts: number;
}

/** Delay before the next try after `attempts` failed ones: tripled each time, bounded, of which half is chance. */
export function retryDelayMs(attempts: number, limits: MailLimits, random: () => number): number {
  const fullMs = Math.min(limits.longestRetryMs, limits.firstRetryMs * 3 ** (attempts - 1));
  return Math.round(fullMs * (0.5 + random() / 2));
}

/** A bounded queue in memory: first come, first served, few at once, failed tries repeated later. */
export class Outbox {
  readonly #parts: Required<OutboxParts>;
  readonly #ready: Waiting[] = [];
  /** Letters between two tries, with the timer of the next. */
  readonly #paused = new Map<Waiting, NodeJS.Timeout>();
  readonly #inFlight = new Set<Waiting>();
  #isOpen = true;
  #onIdle: () => void = () => undefined;

  constructor(parts: OutboxParts) {
    this.#parts = { nowMs: () => performance.now(), random: Math.random, ...parts };
  }

  /** How many letters are not done with. */
  get size(): number {
    return this.#ready.length + this.#paused.size + this.#inFlight.size;
  }

  /** Takes a letter, or drops it when full; the work begins after the caller is done. */
  add(letter: Letter): void {
    const waiting = {
      letter,
      mailId: randomBytes(16).toString('hex'),
      acceptedAtMs: this.#parts.nowMs(),
      attempts: 0,
    };
    if (!this.#isOpen || this.size >= this.#parts.limits.queueLength) return this.#note('dropped', waiting);
    this.#ready.push(waiting);
    setImmediate(() => this.#startNext());
  }

  /** Takes no more letters; gives each waiting one a last try, for at most `drainMs`; the rest is lost. */
  async close(): Promise<void> {
    this.#isOpen = false;
    for (const [waiting, timer] of this.#paused) {
      clearTimeout(timer);
      this.#ready.push(waiting);
    }
    this.#paused.clear();
    if (this.size > 0) await this.#drain();
    for (const waiting of [...this.#ready.splice(0), ...this.#inFlight]) this.#note('lost', waiting);
    this.#inFlight.clear();
  }

  #drain(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#parts.limits.drainMs);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#startNext();
    });
  }

  #startNext(): void {
    while (this.#inFlight.size < this.#parts.limits.connections) {
      const waiting = this.#ready.shift();
      if (!waiting) break;
      if (this.#isExpired(waiting)) this.#note('expired', waiting);
      else void this.#attempt(waiting);
    }
    if (this.size === 0) this.#onIdle();
  }

  async #attempt(waiting: Waiting): Promise<void> {
    this.#inFlight.add(waiting);
    waiting.attempts += 1;
    const failure = await this.#parts.deliver(waiting.letter, waiting.mailId).then(
      () => undefined,
      (error: unknown) => describeFailure(error),
    );
    // Not there any more: the outbox was closed meanwhile, and the letter noted as lost.
    if (!this.#inFlight.delete(waiting)) return;
    if (failure) this.#settleFailure(waiting, failure);
    else this.#note('sent', waiting);
    this.#startNext();
  }

  #settleFailure(waiting: Waiting, failure: DeliveryFailure): void {
    if (!failure.isTransient) return this.#note('refused', waiting, { failure });
    const { limits, random } = this.#parts;
    if (waiting.attempts >= limits.attempts) return this.#note('given-up', waiting, { failure });
    if (!this.#isOpen) return this.#note('lost', waiting, { failure });
    const retryInMs = retryDelayMs(waiting.attempts, limits, random);
    this.#note('retried', waiting, { failure, retryInMs });
    const timer = setTimeout(() => {
      this.#paused.delete(waiting);
      this.#ready.push(waiting);
      this.#startNext();
    }, retryInMs);
    this.#paused.set(waiting, timer);
  }

  #isExpired({ letter, acceptedAtMs }: Waiting): boolean {
    const usefulSeconds = usefulForSeconds(letter);
    return usefulSeconds !== undefined && this.#parts.nowMs() - acceptedAtMs >= usefulSeconds * 1000;
  }

  #note(
    outcome: MailOutcome,
    { letter, mailId, attempts }: Waiting,
    more: { failure?: DeliveryFailure; retryInMs?: number } = {},
  ): void {
    this.#parts.note({ outcome, letter, mailId, attempt: attempts, ...more });
  }
}
