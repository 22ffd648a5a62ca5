import { hkdfSync } from 'node:crypto';
import { Type, type Static } from 'typebox';
import { guessPresets, type GuessSettings, type LimitedRequest } from '../core/guessing/guess-settings.ts';

const hour = 3600;

/** The settings of the limits on guessing: a preset, and numbers that take the place of the preset's. */
export const guessSettingProperties = {
  GUESS_PRESET: Type.Union([Type.Literal('standard'), Type.Literal('tower-control')], {
    default: 'standard',
    description: 'standard or tower-control',
  }),
  GUESS_FREE_FAILURES: number(1, 1000, 'failures'),
  GUESS_FIRST_DELAY_SECONDS: number(1, 24 * hour, 'seconds'),
  GUESS_LONGEST_DELAY_SECONDS: number(1, 24 * hour, 'seconds'),
  GUESS_FAILURES_IN_A_ROW: number(0, 10_000, 'failures'),
  GUESS_FAILURES_PER_NETWORK: number(1, 1_000_000, 'failures an hour'),
  REGISTER_REQUESTS_PER_NETWORK: number(1, 10_000_000, 'requests an hour'),
  FORGOT_REQUESTS_PER_NETWORK: number(1, 10_000_000, 'requests an hour'),
  REFRESH_REQUESTS_PER_NETWORK: number(1, 10_000_000, 'requests a minute'),
  INTROSPECTION_REQUESTS_PER_NETWORK: number(1, 10_000_000, 'requests a minute'),
  SIGN_INS_PER_ACCOUNT: number(1, 10_000_000, 'sign-ins an hour'),
};
const schema = Type.Object(guessSettingProperties);

/** The numbers that the settings come to. */
export function toGuessSettings(settings: Static<typeof schema>): GuessSettings {
  const preset = guessPresets[settings.GUESS_PRESET];
  const failuresInARow = settings.GUESS_FAILURES_IN_A_ROW ?? preset.failuresInARow;
  const firstDelaySeconds = settings.GUESS_FIRST_DELAY_SECONDS ?? preset.firstDelaySeconds;
  const longestDelaySeconds = settings.GUESS_LONGEST_DELAY_SECONDS ?? preset.longestDelaySeconds;
  return {
    ...preset,
    failuresPerNetwork: settings.GUESS_FAILURES_PER_NETWORK ?? preset.failuresPerNetwork,
    freeFailures: settings.GUESS_FREE_FAILURES ?? preset.freeFailures,
    firstDelaySeconds,
    longestDelaySeconds: Math.max(firstDelaySeconds, longestDelaySeconds),
    failuresInARow,
    failuresKeptForKnownNetworks: Math.min(
      preset.failuresKeptForKnownNetworks,
      Math.floor(failuresInARow / 2),
    ),
    signInsPerAccount: settings.SIGN_INS_PER_ACCOUNT ?? preset.signInsPerAccount,
    requestsPerNetwork: {
      ...preset.requestsPerNetwork,
      register: requests('register', settings.REGISTER_REQUESTS_PER_NETWORK),
      forgot: requests('forgot', settings.FORGOT_REQUESTS_PER_NETWORK),
      refresh: requests('refresh', settings.REFRESH_REQUESTS_PER_NETWORK),
      introspection: requests('introspection', settings.INTROSPECTION_REQUESTS_PER_NETWORK),
      'client-failure': requests('client-failure', settings.GUESS_FAILURES_PER_NETWORK),
    },
  };

  function requests(what: LimitedRequest, given: number | undefined) {
    const own = preset.requestsPerNetwork[what];
    return { ...own, requests: given ?? own.requests };
  }
}

/** What hides which unknown logins are counted together: the same in every process, and no secret of its own to lose. */
export function guessSecretOf(pepper: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', pepper, '', 'bednet guess limits', 32));
}

function number(minimum: number, maximum: number, unit: string) {
  const description = `a whole number of ${unit} from ${minimum} to ${maximum}`;
  return Type.Optional(Type.Integer({ minimum, maximum, description }));
}
