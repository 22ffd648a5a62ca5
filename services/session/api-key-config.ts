import { Type, type Static } from 'typebox';
import { wholeNumber } from '../core/settings/read-settings.ts';

const day = 86_400;

/** Settings of API keys: environment variables. */
export const apiKeyProperties = {
  API_KEY_LONGEST_SECONDS: wholeNumber(60, 3650 * day, 365 * day, 'seconds'),
  API_KEY_TOKEN_SECONDS: wholeNumber(1, 365 * day, day, 'seconds'),
};

const ApiKeyProperties = Type.Object(apiKeyProperties);

/** How long API keys and their tokens live. */
export interface ApiKeyPolicy {
  longestSeconds: number;
  tokenSeconds: number;
}

/** The lives of API keys and their tokens. */
export function toApiKeyPolicy(settings: Static<typeof ApiKeyProperties>): ApiKeyPolicy {
  return { longestSeconds: settings.API_KEY_LONGEST_SECONDS, tokenSeconds: settings.API_KEY_TOKEN_SECONDS };
}
