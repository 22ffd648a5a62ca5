import type { Tokens } from '../contract/native.ts';
import type { Api } from './api.ts';
import { generationOf, monotonicMs, renewalDueInMs, type HeldTokens } from './held-tokens.ts';
import { createRenewer, type Renewer } from './renewer.ts';
import { isEnd, isTemporary, SessionError } from './session-error.ts';
import type { EndReason, SessionState } from './session-state.ts';
import { joinTabs, type TabMessage, type Tabs } from './tabs.ts';
import { createTurns, type Turns } from './turns.ts';

/** What a keeper is made from. */
export interface KeeperOptions {
  api: Api;
  baseUrl: string;
  transport: 'cookie' | 'body';
  /** Whether nobody uses the page: nothing is renewed for an empty chair (ASVS 7.3.1). */
  isIdle: () => boolean;
  /** Somebody was active in another tab, or has just signed in. */
  onActive: () => void;
}

const lookForSomebodyEveryMs = 30_000;

/**
 * Keeps the tokens of one session in memory: renews them in time, shares them with the other tabs, and drops them for
 * good when the session ends. Answers to what was asked in another session are ignored.
 */
export class TokenKeeper {
  readonly renewer: Renewer;
  readonly turns: Turns;
  readonly #options: KeeperOptions;
  readonly #tabs: Tabs;
  readonly #listeners = new Set<() => void>();
  readonly #endedIds = new Set<string>();
  #state: SessionState = { status: 'starting' };
  #held: HeldTokens | undefined;
  #epoch = 0;

  constructor(options: KeeperOptions) {
    const { baseUrl, transport } = options;
    this.#options = options;
    this.turns = createTurns(transport === 'cookie' ? `bednet ${baseUrl}` : undefined);
    this.#tabs = joinTabs(baseUrl, (message) => this.#hear(message));
    this.renewer = createRenewer(
      () => this.#renewOnce(),
      (isOffline) => this.#noteOffline(isOffline),
    );
  }

  get state(): SessionState {
    return this.#state;
  }

  get held(): HeldTokens | undefined {
    return this.#held;
  }

  /** Rises when a session begins or ends here. */
  get epoch(): number {
    return this.#epoch;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  change(state: SessionState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Shows the session as it is, after a sign-in over it was given up. */
  showHeld(): void {
    if (!this.#held) return this.change({ status: 'signed-out' });
    const { user, session_id: sessionId, mqtt } = this.#held.tokens;
    this.change({ status: 'signed-in', user, sessionId, mqtt, isOffline: false });
  }

  /** Takes tokens that this tab was given, and tells the others. */
  hold(tokens: Tokens, askedAtMs: number): void {
    this.#endedIds.delete(tokens.session_id);
    if (this.#take(tokens, askedAtMs)) this.#tabs.tell({ type: 'tokens', tokens });
  }

  /** Drops the tokens, here and in the other tabs. */
  end(reason: EndReason): void {
    const sessionId = this.#held?.tokens.session_id;
    this.#drop(reason);
    if (sessionId !== undefined) this.#tabs.tell({ type: 'ended', sessionId, reason });
  }

  tellActive(): void {
    this.#tabs.tell({ type: 'active' });
  }

  close(): void {
    this.#epoch++;
    this.renewer.stop();
    this.#tabs.close();
    this.#listeners.clear();
  }

  /** True unless the tokens are older than those held. */
  #take(tokens: Tokens, askedAtMs: number): boolean {
    const before = this.#held?.tokens;
    const isSame = before?.session_id === tokens.session_id;
    if (before && isSame && generationOf(tokens) < generationOf(before)) return false;
    if (!isSame) this.#leave();
    this.#held = { tokens, askedAtMs };
    this.renewer.schedule(renewalDueInMs(this.#held, monotonicMs()));
    if (!isSame) this.#options.onActive();
    // A sign-in that has steps left goes on while the session of before is renewed.
    if (!isSame || this.#state.status !== 'pending') this.showHeld();
    return true;
  }

  #leave(): void {
    if (this.#held) this.#endedIds.add(this.#held.tokens.session_id);
    this.#held = undefined;
    this.#epoch++;
    this.renewer.stop();
  }

  #drop(reason: EndReason): void {
    this.#leave();
    this.change({ status: 'signed-out', reason });
  }

  #renewOnce(): Promise<void> {
    const held = this.#held;
    return this.turns.take(async () => {
      // While this waited another tab may have renewed, or the session may have ended.
      const isDue = this.#held === held && (held !== undefined || this.#state.status === 'starting');
      if (!isDue) return;
      if (held && this.#options.isIdle()) this.renewer.schedule(lookForSomebodyEveryMs);
      else await this.#askForTokens(held?.tokens.refresh_token);
    });
  }

  async #askForTokens(renewalToken: string | undefined): Promise<void> {
    const epoch = this.#epoch;
    const askedAtMs = monotonicMs();
    const body = renewalToken === undefined ? {} : { refresh_token: renewalToken };
    try {
      const tokens = await this.#options.api<Tokens>({ path: '/api/auth/refresh', body });
      if (epoch === this.#epoch) this.hold(tokens, askedAtMs);
    } catch (error) {
      if (epoch === this.#epoch && error instanceof SessionError && !isTemporary(error)) this.#giveUp(error);
      throw error;
    }
  }

  /** Without a cookie, as for anybody who comes here first, nothing has ended. */
  #giveUp(error: SessionError): void {
    if (this.#held || isEnd(error)) this.end(reasonOf(error));
    else this.change({ status: 'signed-out' });
  }

  #noteOffline(isOffline: boolean): void {
    const state = this.#state;
    if (state.status === 'signed-in' && state.isOffline !== isOffline) this.change({ ...state, isOffline });
  }

  #hear(message: TabMessage): void {
    switch (message.type) {
      case 'active':
        return this.#options.onActive();
      case 'ended':
        this.#endedIds.add(message.sessionId);
        if (message.sessionId === this.#held?.tokens.session_id) this.#drop(message.reason);
        return;
      case 'tokens':
        // A session that ended stays so: its last renewal may be answered after its end.
        if (!this.#endedIds.has(message.tokens.session_id)) this.#take(message.tokens, monotonicMs());
    }
  }
}

/** A cookie that is gone counts as a session that has reached its end. */
function reasonOf(error: SessionError): EndReason {
  const isRevoked = isEnd(error) && error.code !== 'AUTH_SESSION_EXPIRED';
  return isRevoked ? { kind: 'revoked', ended: error.ended } : { kind: 'expired' };
}
