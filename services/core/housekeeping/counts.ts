/** What a sweep looked at and did. */
export interface SweepCounts {
  keysSeen: number;
  /** Accounts deleted for good. */
  accountsPurged: number;
  /** Accounts that were in no list. */
  accountsListed: number;
  /** Names of accounts whose claim would have lapsed, made permanent. */
  namesSettled: number;
  /** Names of accounts that nobody held any more, claimed again. */
  namesReclaimed: number;
  /** Names of accounts that another account holds: a person has to look. */
  namesInConflict: number;
  /** Permanent claims that no account answers for: they lapse in a day, unless one does until then. */
  claimsDoubted: number;
  /** Ended sessions taken from the lists of accounts. */
  listedSessionsRemoved: number;
  /** Sessions taken from the lists of those that lapse. */
  lapsedSessionsForgotten: number;
  /** Lists of client ids, and generations that brokers have seen, of ended sessions and devices. */
  connectionsForgotten: number;
}

/** All counts at zero. */
export function noCounts(): SweepCounts {
  return {
    keysSeen: 0,
    accountsPurged: 0,
    accountsListed: 0,
    namesSettled: 0,
    namesReclaimed: 0,
    namesInConflict: 0,
    claimsDoubted: 0,
    listedSessionsRemoved: 0,
    lapsedSessionsForgotten: 0,
    connectionsForgotten: 0,
  };
}
