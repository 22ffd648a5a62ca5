import type { FastifyPluginAsync } from 'fastify';
import type { ErrorShape } from '../../plugins/errors.ts';
import type { SecurityScheme } from '../../plugins/openapi.ts';
import type { DialectName, DialectSettings } from '../dialect-config.ts';
import type { SessionContext } from '../session-context.ts';

/** Addresses of the broker, as clients reach it. */
export interface MqttAddresses {
  url: string;
  websocketUrl: string;
}

/** What a dialect is given. */
export interface DialectOptions {
  context: SessionContext;
  mqtt: MqttAddresses;
  /** Settings that one dialect alone has, by its name. */
  settings: DialectSettings;
}

/** One spelling of the API. It translates, and decides nothing. */
export interface Dialect {
  name: DialectName;
  title: string;
  /** Paths that are its own, with all that lies below them. No two dialects share one. */
  paths: readonly string[];
  /** Where its clients sign in, if it can do that. */
  signIn?: string;
  /** Markdown for its OpenAPI document; by default that lists every error code. */
  description?: string;
  /** How its callers prove who they are, beside `accessToken`. */
  securitySchemes?: Readonly<Record<string, SecurityScheme>>;
  errorShape: ErrorShape;
  /** Its routes; they carry their whole path. */
  routes: FastifyPluginAsync<DialectOptions>;
}
