import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Tokens } from '../../../contract/plain.ts';
import type { Account } from '../../../core/accounts/account.ts';
import type { PlainSettings } from '../../dialect-config.ts';
import type { TokenPair } from '../../use-cases/issue-tokens.ts';
import type { DialectOptions } from '../dialect.ts';
import { sendByCookie, type RenewalTransport } from '../renewal-token.ts';

/** What the routes of this dialect need. */
export type PlainOptions = Pick<DialectOptions, 'context' | 'mqtt'> & { settings: PlainSettings };

/** The body that hands out a pair of tokens; the renewal token is in it or in the cookie, never in both. */
export async function answerTokens(
  { context, mqtt, settings }: PlainOptions,
  exchange: { request: FastifyRequest; reply: FastifyReply },
  pair: TokenPair,
  wish?: RenewalTransport,
): Promise<Tokens> {
  const { sid, renewalToken, renewalExpiresInSeconds: maxAgeSeconds } = pair;
  const renewal = { token: renewalToken, sid, maxAgeSeconds };
  const isInCookie = await sendByCookie(context, exchange, renewal, wish);
  const rest = {
    ...(!isInCookie && { refreshToken: renewalToken }),
    expiresIn: pair.accessExpiresInSeconds,
    refreshExpiresIn: maxAgeSeconds,
    mqtt: { url: mqtt.url, websocket_url: mqtt.websocketUrl, username: pair.username, client_id: sid },
  };
  const { accessToken } = pair;
  return settings.tokenName === 'token' ? { token: accessToken, ...rest } : { accessToken, ...rest };
}

/** Claims that clients of this dialect read out of their access token. */
export function claimsOf({ fullName, email }: Account): Record<string, string> {
  return { name: fullName, email };
}
