import type { IClientOptions, MqttClient } from 'mqtt';
import { backoffMs } from './backoff.ts';
import { monotonicMs } from './held-tokens.ts';
import { watchReturn } from './page-return.ts';
import type { Session } from './session.ts';
import { isEnd, isTemporary } from './session-error.ts';
import type { EndReason } from './session-state.ts';

/** How an MQTT connection of a session fares. */
export type MqttState =
  | { status: 'connecting' }
  | { status: 'connected' }
  /** The next try comes by itself. `isRefused`: the broker did not want the session, though it lives. */
  | { status: 'waiting'; isRefused: boolean }
  /** No further try: the session is over, or `end` was called. */
  | { status: 'ended'; reason?: EndReason | undefined };

/** One MQTT connection that lives as long as the session. */
export interface MqttConnection {
  /** The MQTT.js client: subscribe, publish, `on('message')`. Its subscriptions come back after a reconnect. */
  client: MqttClient;
  readonly state: MqttState;
  /** Calls `listener` after each change of `state`; returns what stops it. */
  subscribe(listener: (state: MqttState) => void): () => void;
  end(): void;
}

/** `connect` of MQTT.js, which the page brings along. */
export type MqttConnect = (url: string, options: IClientOptions) => MqttClient;

const backoff = { firstMs: 250, mostMs: 30_000 };
const longestTimerMs = 2 ** 31 - 1;
/** A connection that is lost sooner counts as a failure: what is sent again may be what the broker closes it for. */
const steadyMs = 10_000;
/** CONNACK: not authorised, bad credentials; of MQTT 3.1.1 and of 5. */
const refusals: readonly unknown[] = [4, 5, 0x86, 0x87];

/**
 * Connects to the broker of the session: with a fresh token each time, as a client id of the session, again after a
 * loss. When the session ends there is one state `ended` and no further try.
 */
export function connectMqtt(
  session: Session,
  connect: MqttConnect,
  { url, ...options }: IClientOptions & { url?: string } = {},
): MqttConnection {
  return new SessionConnection(session, connect, { ...(url !== undefined && { url }), options });
}

class SessionConnection implements MqttConnection {
  readonly client: MqttClient;
  readonly #session: Session;
  readonly #sessionId: string;
  readonly #listeners = new Set<(state: MqttState) => void>();
  readonly #stopListening: () => void;
  readonly #stopWatching: () => void;
  #state: MqttState = { status: 'connecting' };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #connectedAtMs = Infinity;
  #wasRefused = false;
  #usedToken: string | undefined;

  constructor(session: Session, connect: MqttConnect, own: { url?: string; options: IClientOptions }) {
    if (session.state.status !== 'signed-in')
      throw new TypeError('connectMqtt needs a session that is signed in');
    const { mqtt, sessionId } = session.state;
    this.#session = session;
    this.#sessionId = sessionId;
    this.client = connect(own.url ?? mqtt.websocket_url, {
      protocolVersion: 5,
      // The other kind starts a worker from a blob, which a Content-Security-Policy may forbid.
      timerVariant: 'native',
      ...own.options,
      username: mqtt.username,
      // Each tab is a connection of its own; with one id they would take over from each other for ever.
      clientId: `${mqtt.client_id}-${randomSuffix()}`,
      manualConnect: true,
      // Never by itself, that is: with 0, MQTT.js forgets the subscriptions.
      reconnectPeriod: longestTimerMs,
    });
    this.client.on('connect', () => this.#succeed());
    this.client.on('error', (error) => this.#note(error));
    this.client.on('close', () => this.#lose());
    this.#stopListening = session.subscribe(() => this.#followSession());
    this.#stopWatching = watchReturn(() => this.#hurry());
    void this.#open();
  }

  get state(): MqttState {
    return this.#state;
  }

  subscribe(listener: (state: MqttState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  end(): void {
    this.#finish(undefined);
  }

  async #open(): Promise<void> {
    try {
      if (this.#wasRefused) await this.#session.renew(this.#usedToken);
      this.#usedToken = await this.#session.accessToken();
    } catch (error) {
      // Of an end the session tells by itself; all else is worth another try.
      if (!isEnd(error)) this.#wait(isTemporary(error) ? 0 : 1);
      return;
    }
    if (this.#state.status === 'ended') return;
    this.client.options.password = this.#usedToken;
    this.#change({ status: 'connecting' });
    this.#connect();
  }

  #connect(): void {
    try {
      this.client.connect();
    } catch {
      // The browser refuses the address, such as ws:// from a page with TLS, and has said so in its console.
      this.#wait(1);
    }
  }

  #succeed(): void {
    this.#connectedAtMs = monotonicMs();
    this.#wasRefused = false;
    this.#change({ status: 'connected' });
  }

  #note(error: Error & { code?: unknown }): void {
    this.#wasRefused = refusals.includes(error.code);
  }

  #lose(): void {
    if (this.#state.status === 'ended') return;
    if (monotonicMs() - this.#connectedAtMs > steadyMs) this.#failures = 0;
    this.#connectedAtMs = Infinity;
    this.#wait(1);
  }

  #wait(failures: number): void {
    if (this.#state.status === 'ended') return;
    // The first refusal after a loss may tell of the session's end: the renewal that follows finds out at once.
    const delayMs = this.#wasRefused && this.#failures <= 1 ? 0 : backoffMs(this.#failures, backoff);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#hurry(), delayMs);
    this.#failures += failures;
    this.#change({ status: 'waiting', isRefused: this.#wasRefused });
  }

  /** Ends the wait for the next try, if there is one. */
  #hurry(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    void this.#open();
  }

  #followSession(): void {
    const { state } = this.#session;
    if (state.status === 'signed-in' && state.sessionId === this.#sessionId) return;
    this.#finish(state.status === 'signed-out' ? state.reason : { kind: 'signed-out' });
  }

  #finish(reason: EndReason | undefined): void {
    if (this.#state.status === 'ended') return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#stopListening();
    this.#stopWatching();
    this.#change({ status: 'ended', reason });
    this.client.end(true);
    delete this.client.options.password;
  }

  #change(state: MqttState): void {
    const isSame = this.#state.status === state.status && state.status !== 'waiting';
    this.#state = state;
    if (!isSame) for (const listener of [...this.#listeners]) listener(state);
  }
}

/** 48 random bits: ids differ, nothing more. */
function randomSuffix(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
