import { createAccount } from '../../../services/core/accounts/create-account.ts';
import { openStore, untilReady, type Store } from '../../../services/core/redis/store.ts';
import { createSession } from '../../../services/core/sessions/create-session.ts';
import { accessTokenClaims } from '../../../services/core/tokens/access-token-claims.ts';
import { readSigningKeys } from '../../../services/core/tokens/key-files.ts';
import { openKeyRing } from '../../../services/core/tokens/key-ring.ts';
import { openTokenSigner, type TokenSigner } from '../../../services/plugins/token-signer.ts';
import type { Stack } from '../../../services/stack/stack.ts';
import { newPerson } from './people.ts';

/** A live session with an access token as the session service mints them. */
export interface MintedSession {
  username: string;
  sid: string;
  accessToken: string;
}

/** So many accounts with so many sessions each, and access tokens of each session: one by default. */
export interface Population {
  accounts: number;
  sessionsEach: number;
  tokensEach?: number;
}

const accountsAtOnce = 32;
const lives = {
  accessTtlSeconds: 3600,
  renewalIdleSeconds: 604_800,
  absoluteSeconds: 2_592_000,
  renewalGraceSeconds: 10,
  sessionsPerAccount: 1000,
};

/**
 * Makes accounts and sessions by the scripts and signs tokens by the code that sign-ins use, but without passwords:
 * a thousand argon2 hashes would take longer than the measurement. One array for each account; the
 * tokens of one session stand together.
 */
export async function mintSessions(stack: Stack, population: Population): Promise<MintedSession[][]> {
  const store = openStore({ url: stack.redisUrl('session'), commandTimeoutMs: 10_000 });
  try {
    await untilReady(store, 5000);
    const signer = await openSigner(stack);
    const minted: MintedSession[][] = [];
    for (let from = 0; from < population.accounts; from += accountsAtOnce) {
      const count = Math.min(accountsAtOnce, population.accounts - from);
      const made = Array.from({ length: count }, () => mintAccount(stack, store, { signer, ...population }));
      minted.push(...(await Promise.all(made)));
    }
    return minted;
  } finally {
    store.close();
  }
}

async function openSigner({ secrets }: Stack): Promise<TokenSigner> {
  const file = secrets.files.signingKeys;
  const onFault = (error: unknown) => {
    throw error;
  };
  const ring = openKeyRing({ file, read: readSigningKeys, keys: readSigningKeys(file), onFault });
  ring.close();
  return openTokenSigner(ring, onFault);
}

async function mintAccount(
  stack: Stack,
  store: Store,
  { signer, sessionsEach, tokensEach = 1 }: Population & { signer: TokenSigner },
): Promise<MintedSession[]> {
  const { username, email } = newPerson();
  const roles = ['user'];
  const account = await createAccount(store, {
    username,
    email,
    roles,
    passwordHash: 'none',
    actor: 'bench',
  });
  if (account.outcome !== 'created') throw new Error(account.outcome);
  const party = { issuer: `http://localhost:${stack.ports.session}`, audience: 'bednet' };
  const context = { uid: account.uid, epoch: '0', amr: ['pwd'], ip: '192.0.2.1', userAgent: 'bench' };
  const minted: MintedSession[] = [];
  while (minted.length < sessionsEach * tokensEach) {
    const session = await createSession(store, context, lives);
    if (session === undefined) throw new Error('a session was refused');
    for (let n = 0; n < tokensEach; n++) {
      const accessToken = signer.sign(accessTokenClaims({ ...session, permissions: [] }, party));
      minted.push({ username, sid: session.sid, accessToken });
    }
  }
  return minted;
}
