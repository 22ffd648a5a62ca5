import type { Tokens } from '../contract/native.ts';
import type { Api, Call } from './api.ts';
import { backoffMs } from './backoff.ts';
import { isTemporary } from './session-error.ts';
import type { SignOutMark } from './sign-out-mark.ts';
import type { TokenKeeper } from './token-keeper.ts';

/** Tells the server that a session is over. */
export interface SignOut {
  /** Sends at once; after a failure it goes on telling by itself. Rejects if the first time failed. */
  tell(tokens: Tokens | undefined): Promise<void>;
  stop(): void;
}

const backoff = { firstMs: 1_000, mostMs: 30_000 };

/** The request that ends the session of `tokens`, or that of the cookie. The browser sends it even if the page closes. */
export function signOutCall(tokens: Tokens | undefined): Call {
  const { access_token: accessToken, refresh_token: renewalToken } = tokens ?? {};
  const body = renewalToken === undefined ? {} : { refresh_token: renewalToken };
  return { path: '/api/auth/logout', body, accessToken, outlivesPage: true };
}

/** Signing out at the server of `api`, in turn with what `keeper` asks for; `mark` is set until the server has heard. */
export function createSignOut(api: Api, keeper: TokenKeeper, mark: SignOutMark): SignOut {
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function tell(tokens: Tokens | undefined): Promise<void> {
    const { epoch } = keeper;
    const call = signOutCall(tokens);
    mark.set();
    const telling = api(call);
    // It waits for nobody; but a sign-in waits for its answer, which clears the cookie.
    void keeper.turns.take(() => telling).catch(() => {});
    try {
      await telling;
      mark.clear();
    } catch (error) {
      if (isTemporary(error)) tellLater(call, epoch, 0);
      else mark.clear();
      // Without tokens it was not known whether there was a session.
      if (tokens || isTemporary(error)) throw error;
    }
  }

  function tellLater(call: Call, epoch: number, failures: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void tellAgain(call, epoch, failures), backoffMs(failures, backoff));
  }

  /** Not once another session has begun: the cookie is that one's. */
  async function tellAgain(call: Call, epoch: number, failures: number): Promise<void> {
    const telling = keeper.turns.take(async () => void (epoch === keeper.epoch && (await api(call))));
    const error = await telling.catch((fault: unknown) => fault);
    if (isTemporary(error)) tellLater(call, epoch, failures + 1);
    else if (epoch === keeper.epoch) mark.clear();
  }

  return { tell, stop: () => clearTimeout(timer) };
}
