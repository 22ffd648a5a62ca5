import type { Tokens } from '../contract/native.ts';
import { createApi, type Api, type Call } from './api.ts';
import { isUsable, monotonicMs } from './held-tokens.ts';
import { watchIdle, type IdleWatch } from './idle-watch.ts';
import { watchReturn } from './page-return.ts';
import { isTemporary, isTokenFault, SessionError } from './session-error.ts';
import type { EndReason, SessionState } from './session-state.ts';
import { SignIn, type Credentials } from './sign-in.ts';
import { openSignOutMark, type SignOutMark } from './sign-out-mark.ts';
import { createSignOut, type SignOut } from './sign-out.ts';
import { TokenKeeper } from './token-keeper.ts';

/** How a session is kept. */
export interface SessionOptions {
  /** Where the session service is, such as `https://id.example.org`; by default where the page comes from. */
  baseUrl?: string;
  /**
   * Where the renewal token lives: `cookie` (default) keeps it from every script; `body` keeps it in memory, so a
   * reload signs out.
   */
  transport?: 'cookie' | 'body';
  /** After this time without a person the session ends; 0 = never. Half an hour by default. */
  idleTimeoutMs?: number;
  /** Other origins that `session.fetch` may send the access token to. */
  tokenOrigins?: readonly string[];
  fetch?: typeof fetch;
}

const halfAnHourMs = 30 * 60_000;

/** The session of this page; `start()` picks up one that the browser still has. */
export function createSession(options: SessionOptions = {}): Session {
  return new Session(options);
}

/**
 * The session of a page: the access token is in memory only, renewed before it lapses, shared by the tabs of the
 * browser, and gone when any of them signs out. Methods reject with a SessionError.
 */
export class Session {
  /** Signing in, with all its steps. */
  readonly signIn: (credentials: Credentials) => Promise<SessionState>;
  readonly steps: SignIn;
  readonly #options: SessionOptions & { baseUrl: string };
  readonly #fetcher: typeof fetch;
  readonly #api: Api;
  readonly #keeper: TokenKeeper;
  readonly #signOut: SignOut;
  readonly #mark: SignOutMark;
  readonly #idle: IdleWatch;
  readonly #stopWatching: () => void;

  constructor(options: SessionOptions) {
    const baseUrl = (options.baseUrl ?? '').replace(/\/$/, '');
    const transport = options.transport ?? 'cookie';
    this.#options = { ...options, baseUrl };
    this.#fetcher = options.fetch ?? ((...request) => fetch(...request));
    this.#api = createApi(baseUrl, this.#fetcher);
    this.#idle = watchIdle(options.idleTimeoutMs ?? halfAnHourMs, {
      onIdle: () => void (this.#keeper.held && this.#end({ kind: 'inactivity' }).catch(() => {})),
      onActive: () => this.#keeper.tellActive(),
    });
    const { isIdle, touch: onActive } = this.#idle;
    this.#keeper = new TokenKeeper({ api: this.#api, baseUrl, transport, isIdle, onActive });
    this.#mark = openSignOutMark(baseUrl);
    this.#signOut = createSignOut(this.#api, this.#keeper, this.#mark);
    // The cookie is that of another session by then.
    this.#keeper.subscribe(() => void (this.state.status === 'signed-in' && this.#mark.clear()));
    this.steps = new SignIn(this.#api, this.#keeper, transport);
    this.signIn = (credentials) => {
      onActive();
      return this.steps.begin(credentials);
    };
    this.#stopWatching = watchReturn((hasSlept) => this.#comeBack(hasSlept));
  }

  /** What the page shows; a new object after each change. */
  get state(): SessionState {
    return this.#keeper.state;
  }

  /** Calls `listener` after each change of `state`; returns what stops it. */
  subscribe(listener: () => void): () => void {
    return this.#keeper.subscribe(listener);
  }

  /** Picks up the session of the renewal cookie. Rejects with OFFLINE while the server can't be asked, and goes on trying. */
  async start(): Promise<SessionState> {
    if (this.state.status !== 'starting') return this.state;
    if (this.#options.transport === 'body') {
      this.#keeper.change({ status: 'signed-out' });
      return this.state;
    }
    if (this.#mark.isSet) return this.#finishSignOut();
    await this.#keeper.renewer.renew().catch((error: unknown) => {
      if (isTemporary(error)) throw error;
    });
    return this.state;
  }

  /**
   * Ends the session here at once, also offline, then tells the server. Rejects if the server could not be told, and
   * goes on telling it while a page is open.
   */
  signOut(): Promise<void> {
    return this.#end({ kind: 'signed-out' });
  }

  /** An access token that can be used now. */
  async accessToken(): Promise<string> {
    if (!isUsable(this.#getHeld(), monotonicMs())) await this.renew();
    return this.#getHeld().tokens.access_token;
  }

  /** Renews now; not if there is a newer access token than `refused`, which somebody did not take. */
  async renew(refused?: string): Promise<void> {
    const { tokens } = this.#getHeld();
    if (refused !== undefined && refused !== tokens.access_token) return;
    await this.#keeper.renewer.renew();
  }

  /** Whether the account may do `needed`, such as `products.view`. The server decides; this only hides buttons. */
  hasPermission(needed: string): boolean {
    const permissions = this.#keeper.held?.tokens.user.permissions ?? [];
    const [resource] = needed.split('.');
    return permissions.some((own) => own === '*' || own === needed || own === `${resource}.*`);
  }

  /** As `fetch`, with the access token; after a 401 it renews and repeats once. */
  async fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    this.#assertOwnOrigin(request.url);
    const again = request.clone();
    const { epoch } = this.#keeper;
    const accessToken = await this.#tokenIn(epoch);
    const answer = await this.#fetcher(authorize(request, accessToken));
    if (answer.status !== 401) return answer;
    await this.renew(accessToken);
    return this.#fetcher(authorize(again, await this.#tokenIn(epoch)));
  }

  /** Calls the API of the session service as the signed-in account; resolves with `data` of the answer. */
  async call<Data = object>(method: NonNullable<Call['method']>, path: string, body?: object): Promise<Data> {
    const { epoch } = this.#keeper;
    const accessToken = await this.#tokenIn(epoch);
    try {
      return await this.#callAs<Data>({ method, path, body, accessToken });
    } catch (error) {
      if (!isTokenFault(error)) throw error;
      await this.renew(accessToken);
      return this.#callAs<Data>({ method, path, body, accessToken: await this.#tokenIn(epoch) });
    }
  }

  /** Calls what needs no session: `/api/auth/register`, `/api/auth/forgot-password` … */
  callOpenly<Data = object>(path: string, body: object): Promise<Data> {
    return this.#api<Data>({ path, body });
  }

  /** Stops timers and listeners; the session itself goes on. */
  close(): void {
    this.#idle.stop();
    this.#stopWatching();
    this.#signOut.stop();
    this.#keeper.close();
  }

  /** What somebody asks for in one session is not done in the next, which may be another person's. */
  async #tokenIn(epoch: number): Promise<string> {
    const accessToken = await this.accessToken();
    if (epoch === this.#keeper.epoch) return accessToken;
    throw new SessionError('SIGNED_OUT', 'The session that this was asked in is over.');
  }

  /** Some answers carry fresh tokens: that of a changed password, or of a second factor. */
  async #callAs<Data>(call: Call): Promise<Data> {
    const { epoch } = this.#keeper;
    const askedAtMs = monotonicMs();
    const answer = await this.#api<Data>(call);
    const isFresh = typeof answer === 'object' && answer !== null && 'access_token' in answer;
    if (isFresh && epoch === this.#keeper.epoch) this.#keeper.hold(answer as unknown as Tokens, askedAtMs);
    return answer;
  }

  async #end(reason: EndReason): Promise<void> {
    this.steps.cancel();
    const { held, state } = this.#keeper;
    if (!held && state.status !== 'starting') return;
    this.#keeper.end(reason);
    await this.#signOut.tell(held?.tokens);
  }

  /** Somebody signed out while the server was away: a reload doesn't bring the session back. */
  #finishSignOut(): SessionState {
    this.#keeper.change({ status: 'signed-out', reason: { kind: 'signed-out' } });
    // It goes on telling by itself.
    this.#signOut.tell(undefined).catch(() => {});
    return this.state;
  }

  #comeBack(hasSlept: boolean): void {
    const { held } = this.#keeper;
    const isUnsure =
      this.state.status === 'starting' || (held && (hasSlept || !isUsable(held, monotonicMs())));
    const isOffline = this.state.status === 'signed-in' && this.state.isOffline;
    // A failure has set the next try or ended the session by then.
    if (isUnsure || isOffline) this.#keeper.renewer.renew().catch(() => {});
  }

  #getHeld() {
    const { held } = this.#keeper;
    if (!held) throw new SessionError('SIGNED_OUT', 'Nobody is signed in.');
    return held;
  }

  #assertOwnOrigin(url: string): void {
    const own = [
      new URL(this.#options.baseUrl || location.origin).origin,
      ...(this.#options.tokenOrigins ?? []),
    ];
    if (!own.includes(new URL(url).origin)) {
      throw new TypeError(`session.fetch sends the access token to ${own.join(', ')} only`);
    }
  }
}

function authorize(request: Request, accessToken: string): Request {
  const authorized = new Request(request);
  authorized.headers.set('authorization', `Bearer ${accessToken}`);
  return authorized;
}
