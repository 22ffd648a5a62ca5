import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { findFault, findReason, logSize, readLogLines } from './log-tail.ts';
import type { PartName } from './part-names.ts';
import type { PartDeath, PartPlan, PartState } from './part-plan.ts';
import { endingWithParent } from './programs.ts';
import { StackError } from './stack-error.ts';

const healthTimeoutMs = 40_000;
const healthIntervalMs = 25;
const stopTimeoutMs = 8_000;
const stopRepeatMs = 250;

/** One child process of the stack. */
export class Part {
  readonly name: PartName;
  readonly logFile: string;
  #plan: PartPlan;
  #onChange: (death?: PartDeath) => void;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #state: PartState = 'stopped';
  #sinceMs = Date.now();
  #death: string | undefined;
  #logStart = 0;

  /** `onChange` is called at each change of state, with the death if it is one. Nothing starts yet. */
  constructor(plan: PartPlan, onChange: (death?: PartDeath) => void) {
    this.name = plan.name;
    this.logFile = plan.logFile;
    this.#plan = plan;
    this.#onChange = onChange;
  }

  get state(): PartState {
    return this.#state;
  }

  /** Since when it is in this state, for a person to read. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** How it died, while it is dead. */
  get death(): string | undefined {
    return this.#death;
  }

  /** The process id while the part runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the program; returns when it is healthy, else throws a StackError with its reason and its log. */
  async start(): Promise<void> {
    if (this.#child) throw new TypeError(`${this.name} runs already`);
    this.#plan.prepare?.();
    this.#logStart = logSize(this.logFile);
    this.#launch();
    this.#enter('starting');
    await this.#untilHealthy();
    this.#enter('healthy');
  }

  /** Asks the program to end, kills it if it doesn't; returns when it is gone. Harmless if it isn't running. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return this.#enter('stopped');
    this.#enter('stopping');
    child.kill('SIGTERM');
    child.kill('SIGCONT'); // A frozen process sees the SIGTERM only when it goes on.
    const repeats = this.#plan.stopIsRepeated && setInterval(() => child.kill('SIGTERM'), stopRepeatMs);
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await this.#ended;
    clearTimeout(timer);
    if (repeats) clearInterval(repeats);
    this.#enter('stopped');
  }

  /** Kills the program at once, as a crash would, but counted as wanted; returns when it is gone. */
  async kill(): Promise<void> {
    this.#enter('stopping');
    this.#child?.kill('SIGKILL');
    await this.#ended;
    this.#enter('stopped');
  }

  /** Stops and starts with the same settings and ports. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Freezes the program: it keeps its connections and answers nothing, until `resume`. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  #launch(): void {
    const log = openSync(this.logFile, 'a', 0o600);
    const [command, args] = endingWithParent(this.#plan.command, this.#plan.args);
    const child = spawn(command, args, { env: this.#plan.environment, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const end = (reason: string) => {
        if (this.#child !== child) return;
        this.#child = undefined;
        this.#ending(reason);
        resolve();
      };
      child.once('error', (error) => end(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) =>
        end(signal ? `was ended by ${signal}` : `ended with exit code ${code}`),
      );
    });
  }

  #ending(reason: string): void {
    if (this.#state === 'stopping') return;
    const lines = readLogLines(this.logFile, this.#logStart);
    const fault = this.#state === 'starting' ? findReason(lines) : findFault(lines.slice(-30));
    this.#enter('dead', { part: this.name, message: this.#sentence(reason, fault) });
  }

  #enter(state: PartState, death?: PartDeath): void {
    this.#state = state;
    this.#sinceMs = Date.now();
    this.#death = death?.message;
    this.#onChange(death);
  }

  async #untilHealthy(): Promise<void> {
    const deadlineMs = performance.now() + healthTimeoutMs;
    let complaint = 'it does not answer';
    while (performance.now() < deadlineMs) {
      const isHealthy = await this.#plan.probe().then(
        () => true,
        (error: Error) => void (complaint = error.message),
      );
      if (this.#state !== 'starting')
        throw this.#failure(this.#death ?? `${this.name} was stopped while it started`);
      if (isHealthy) return;
      await Promise.race([delay(healthIntervalMs), this.#ended]);
    }
    throw this.#failure(this.#sentence(`is not healthy after ${healthTimeoutMs / 1000} s`, complaint));
  }

  #failure(message: string): StackError {
    const logTail = readLogLines(this.logFile, this.#logStart).slice(-20).join('\n');
    return new StackError(message, { part: this.name, logTail });
  }

  #sentence(what: string, why: string | undefined): string {
    return `${this.name} ${what}${why ? `: ${why}` : ''} (log: ${this.logFile})`;
  }
}
