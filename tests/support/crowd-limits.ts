/** For runs in which all people come from one network, and sign in and renew as often as no person does. */
export const crowdLimits = {
  REGISTER_REQUESTS_PER_NETWORK: '1000000',
  REFRESH_REQUESTS_PER_NETWORK: '10000000',
  SIGN_INS_PER_ACCOUNT: '1000000',
  FORGOT_REQUESTS_PER_NETWORK: '1000000',
  GUESS_FREE_FAILURES: '1000',
  GUESS_FAILURES_IN_A_ROW: '0',
  GUESS_FAILURES_PER_NETWORK: '1000000',
};
