import type { Test } from 'tap';
import { createSession, type Session, type SessionOptions } from '../../services/client/session.ts';
import { startSessionStage, type Person, type SessionStage } from '../support/session-service.ts';

/** A fetch that a test can look into and disturb. */
export interface Network {
  fetch: typeof fetch;
  /** Paths in the order they were asked for. */
  asked: string[];
  /** The server is told, the answer gets lost, for the next request to `path`. */
  loseAnswerOf(path: string): void;
  /** Holds the next answer of `path` until the returned function is called. */
  holdAnswerOf(path: string): { arrived: Promise<void>; release: () => void };
  isDown: boolean;
  /** An access token that the server refuses from now on: it gets to see none. */
  refusedToken?: string;
}

/** The session service, and tabs of one browser at it. */
export interface ClientStage {
  stage: SessionStage;
  openTab(options?: SessionOptions): { session: Session; network: Network };
  signInTab(person: Person, options?: SessionOptions): Promise<{ session: Session; network: Network }>;
}

/** Starts the service for `t`; `settings` are environment variables. */
export async function startClientStage(t: Test, settings: Record<string, string> = {}): Promise<ClientStage> {
  const stage = await startSessionStage(t, settings);
  const openTab = (options: SessionOptions = {}) => {
    const network = openNetwork();
    const session = createSession({
      baseUrl: stage.url,
      transport: 'body',
      idleTimeoutMs: 0,
      fetch: network.fetch,
      ...options,
    });
    t.teardown(() => session.close());
    return { session, network };
  };
  const signInTab = async ({ username, password }: Person, options: SessionOptions = {}) => {
    const tab = openTab(options);
    await tab.session.signIn({ username, password });
    return tab;
  };
  return { stage, openTab, signInTab };
}

/** Resolves once the state of `session` is as `holds` says. */
export function untilState(session: Session, holds: (state: Session['state']) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds(session.state)) return;
      stop();
      resolve();
    };
    const stop = session.subscribe(look);
    look();
  });
}

function openNetwork(): Network {
  const lost = new Set<string>();
  const held = new Map<string, { arrive: () => void; released: Promise<void> }>();
  const network: Network = {
    isDown: false,
    asked: [],
    loseAnswerOf: (path) => void lost.add(path),
    holdAnswerOf: (path) => {
      const arrival = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      held.set(path, { arrive: arrival.resolve, released: release.promise });
      return { arrived: arrival.promise, release: release.resolve };
    },
    fetch: async (input, init) => {
      const path = new URL(input instanceof Request ? input.url : input).pathname;
      network.asked.push(path);
      if (network.isDown) throw new TypeError('the network is down');
      const request = new Request(input, init);
      const isRefused = request.headers.get('authorization') === `Bearer ${network.refusedToken}`;
      if (isRefused) request.headers.delete('authorization');
      const answer = await fetch(request);
      if (lost.delete(path)) throw new TypeError('the connection was cut');
      const hold = held.get(path);
      held.delete(path);
      hold?.arrive();
      await hold?.released;
      return answer;
    },
  };
  return network;
}
