import type { Tokens } from '../contract/native.ts';
import type { PendingSignIn } from '../contract/native-second-factor.ts';
import type { Api } from './api.ts';
import { monotonicMs } from './held-tokens.ts';
import { SessionError } from './session-error.ts';
import type { SessionState } from './session-state.ts';
import { signOutCall } from './sign-out.ts';
import type { TokenKeeper } from './token-keeper.ts';

/** What somebody types to sign in. */
export interface Credentials {
  username: string;
  password: string;
  /** False asks for a session that ends soon when idle. */
  remember?: boolean;
}

/** A sign-in with its steps: the password first, then whatever `state.steps` names. */
export class SignIn {
  readonly #api: Api;
  readonly #keeper: TokenKeeper;
  readonly #transport: 'cookie' | 'body';
  #tempToken: string | undefined;
  #givenUp = 0;

  constructor(api: Api, keeper: TokenKeeper, transport: 'cookie' | 'body') {
    this.#api = api;
    this.#keeper = keeper;
    this.#transport = transport;
  }

  /** Signs in as far as a password goes. */
  begin({ username, password, remember = true }: Credentials): Promise<SessionState> {
    this.#tempToken = undefined;
    return this.#advance('/api/auth/login', { username: username.trim(), password, remember });
  }

  /** Completes the second factor: a code of the authenticator, of a mail, or a backup code. */
  verifyCode(code: string): Promise<SessionState> {
    return this.#advance('/api/auth/2fa/verify', { code: code.trim(), temp_token: this.#getTempToken() });
  }

  /** Accepts the terms that the sign-in waits for. */
  acceptTerms(version: string): Promise<SessionState> {
    return this.#advance('/api/auth/accept-terms', { version, temp_token: this.#getTempToken() });
  }

  /** Sets the new password that the sign-in waits for. */
  setPassword(newPassword: string): Promise<SessionState> {
    const body = { new_password: newPassword, temp_token: this.#getTempToken() };
    return this.#advance('/api/auth/change-password', body);
  }

  /** Calls the API for this sign-in: `/api/auth/2fa/email`, `/api/auth/2fa/enable`, `/api/auth/resend-verification`. */
  call<Data = object>(path: string, body: object = {}): Promise<Data> {
    return this.#api<Data>({ path, body: { ...body, temp_token: this.#getTempToken() } });
  }

  /** Gives up a sign-in that has steps left. */
  cancel(): void {
    this.#givenUp++;
    this.#tempToken = undefined;
    if (this.#keeper.state.status === 'pending') this.#keeper.showHeld();
  }

  /** In turn with renewals: a late answer of one would put the cookie of the session before over the new one. */
  #advance(path: string, body: object): Promise<SessionState> {
    const givenUp = this.#givenUp;
    const assertWanted = () => {
      if (givenUp !== this.#givenUp) throw new SessionError('SIGNED_OUT', 'The sign-in was given up.');
    };
    return this.#keeper.turns.take(async () => {
      assertWanted();
      const askedAtMs = monotonicMs();
      const accessToken = this.#keeper.held?.tokens.access_token;
      const asked = { path, body: { ...body, transport: this.#transport }, accessToken };
      const answer = await this.#api<Tokens | PendingSignIn>(asked);
      if ('access_token' in answer && givenUp !== this.#givenUp) await this.#undo(answer);
      assertWanted();
      if ('access_token' in answer) this.#finish(answer, askedAtMs);
      else this.#wait(answer);
      return this.#keeper.state;
    });
  }

  #finish(tokens: Tokens, askedAtMs: number): void {
    this.#tempToken = undefined;
    this.#keeper.hold(tokens, askedAtMs);
    // The session may be the one of before, with a sign-in over it.
    if (this.#keeper.state.status === 'pending') this.#keeper.showHeld();
  }

  /** Ends the session of a sign-in that was given up while it was under way. */
  async #undo(tokens: Tokens): Promise<void> {
    await this.#api(signOutCall(tokens)).catch(() => {});
  }

  #wait({
    temp_token: tempToken,
    pending: steps,
    methods,
    terms_version: termsVersion,
  }: PendingSignIn): void {
    this.#tempToken = tempToken;
    this.#keeper.change({ status: 'pending', steps, methods, ...(termsVersion && { termsVersion }) });
  }

  #getTempToken(): string {
    if (this.#tempToken === undefined) throw new SessionError('SIGNED_OUT', 'No sign-in is under way.');
    return this.#tempToken;
  }
}
