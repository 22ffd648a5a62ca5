/** What a network may ask for only so often, whether it succeeds or not (ASVS 2.4.1). */
export type LimitedRequest = 'register' | 'forgot' | 'refresh' | 'introspection' | 'client-failure';

/** The numbers that guessing is limited by. */
export interface GuessSettings {
  /** Failures of one network, over all accounts, per window; counted for each kind of secret apart. */
  failuresPerNetwork: number;
  networkWindowSeconds: number;
  /** Block after the failure that is one too many; 0 = until the window ends. */
  networkBlockSeconds: number;
  /** Failures on one account before the first delay. */
  freeFailures: number;
  /** The first delay; each further failure doubles it. */
  firstDelaySeconds: number;
  longestDelaySeconds: number;
  /** Failures without a further one for this time, after their delay, no longer delay anything. */
  forgetFailuresAfterSeconds: number;
  /** Failures in a row, from anywhere, that disable the secret; 0 = never (NIST SP 800-63B-4 3.2.2: at most 100). */
  failuresInARow: number;
  /** How many of these strangers can't use up: so they alone never disable it where the owner has signed in before. */
  failuresKeptForKnownNetworks: number;
  /** How long a network stays known after the owner's last sign-in there, and how many are remembered. */
  knownNetworkSeconds: number;
  knownNetworksPerAccount: number;
  requestsPerNetwork: Record<LimitedRequest, { requests: number; windowSeconds: number }>;
  /** Right passwords of one account per hour: so that whoever knows one can't fill Redis with sessions. */
  signInsPerAccount: number;
}

const standard: GuessSettings = {
  failuresPerNetwork: 300,
  networkWindowSeconds: 3600,
  networkBlockSeconds: 0,
  freeFailures: 5,
  firstDelaySeconds: 30,
  longestDelaySeconds: 3600,
  forgetFailuresAfterSeconds: 86_400,
  failuresInARow: 100,
  failuresKeptForKnownNetworks: 10,
  knownNetworkSeconds: 90 * 86_400,
  knownNetworksPerAccount: 32,
  requestsPerNetwork: {
    register: { requests: 30, windowSeconds: 3600 },
    forgot: { requests: 30, windowSeconds: 3600 },
    refresh: { requests: 600, windowSeconds: 60 },
    introspection: { requests: 6000, windowSeconds: 60 },
    'client-failure': { requests: 300, windowSeconds: 3600 },
  },
  signInsPerAccount: 60,
};

/**
 * Sets of numbers to start from. `standard` follows NIST SP 800-63B-4 3.2.2. `tower-control` has the numbers of IoT
 * Tower Control: 30 failures per login, 300 per address, then blocked for an hour, never disabled; a blocked try does
 * not prolong the block, as it does there, because a stranger could then keep a login blocked for good.
 */
export const guessPresets: Readonly<Record<'standard' | 'tower-control', GuessSettings>> = {
  standard,
  'tower-control': {
    ...standard,
    networkBlockSeconds: 3600,
    freeFailures: 30,
    firstDelaySeconds: 3600,
    longestDelaySeconds: 3600,
    forgetFailuresAfterSeconds: 3600,
    failuresInARow: 0,
    failuresKeptForKnownNetworks: 0,
  },
};
