import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { appendAudit } from '../core/audit/append.ts';
import { auditEvents, type AuditEvent } from '../core/audit/events.ts';
import type { RulesSource } from '../core/check/rules-source.ts';
import type { GuessLimits } from '../core/guessing/guess-limits.ts';
import { networkOf } from '../core/guessing/network.ts';
import type { OpenTries } from '../core/guessing/open-tries.ts';
import { isId } from '../core/ids.ts';
import type { PasswordHasher } from '../core/passwords/hasher.ts';
import type { PasswordPolicy } from '../core/passwords/policy.ts';
import type { Store } from '../core/redis/store.ts';
import type { SessionLives } from '../core/sessions/session.ts';
import type { AccessTokenClaims } from '../core/tokens/access-token-claims.ts';
import type { RenewalKey } from '../core/tokens/renewal-token.ts';
import type { AccountPolicy } from './account-config.ts';
import type { ApiKeyPolicy } from './api-key-config.ts';
import type { CheckMetrics } from './check-metrics/check-metrics.ts';
import type { Mailer } from './mail/mailer.ts';

/** How second factors are kept and asked for. */
export interface SecondFactorSettings {
  /** Seals authenticator secrets and mailed codes; 256 bits. */
  key: Buffer;
  /** Whether a sign-in may be completed by a mailed code instead. */
  allowsEmail: boolean;
  /** Age up to which a sign-in counts as fresh. */
  freshSeconds: number;
  /** Lives of sessions whose account a role makes use a second factor. */
  idleSeconds: number;
  absoluteSeconds: number;
}

/** What the use cases work with. */
export interface SessionContext {
  store: Store;
  hasher: PasswordHasher;
  lives: SessionLives;
  /** Idle life of a session that is not to be remembered. */
  shortIdleSeconds: number;
  renewalKeys: readonly RenewalKey[];
  passwordPolicy: PasswordPolicy;
  accounts: AccountPolicy;
  apiKeys: ApiKeyPolicy;
  /** Also a word that passwords must not lean on. */
  productName: string;
  party: { issuer: string; audience: string };
  secondFactor: SecondFactorSettings;
  /** What roles permit and demand. */
  rules: RulesSource;
  /** What the webhook services count. */
  checkMetrics: CheckMetrics;
  guesses: GuessLimits;
  openTries: OpenTries;
  /** Absent where no mail can be sent. */
  mailer?: Pick<Mailer, 'send'>;
  signAccessToken(claims: AccessTokenClaims): string;
}

/** Security facts, one event each (ASVS 16.3.1): all are in the log, most are in the audit too. */
export type FactName = AuditEvent;

/** What a fact may tell beside its name. Nothing here is ever a secret. */
export interface FactDetails {
  uid?: string;
  sid?: string;
  device?: string;
  /** Who did it, where that is not the account itself. */
  actor?: string;
  reason?: string;
  count?: number;
}

/** Who calls: what a session remembers of its sign-in, and where facts about the call go. */
export interface Caller {
  ip: string;
  /** What the address is counted under. */
  network: string;
  userAgent: string;
  tell(event: FactName, details?: FactDetails): void;
}

const alarming: readonly FactName[] = ['renewal-reuse', 'secret-disabled'];

/** The caller behind a request. Ids are shortened in the log; names that failed to sign in are not logged at all. */
export function callerOf(request: FastifyRequest): Caller {
  const { log } = request;
  const ip = isIP(request.ip) ? request.ip : 'unknown';
  return {
    ip,
    network: networkOf(ip),
    userAgent: printable(request.headers['user-agent'] ?? ''),
    tell(event, details = {}) {
      const { uid, sid, actor, ...rest } = details;
      const fact = {
        event,
        ip,
        ...(uid && { uid: shorten(uid) }),
        ...(sid && { sid: shorten(sid) }),
        ...(actor && { actor: isId(actor) ? shorten(actor) : actor }),
        ...rest,
      };
      if (alarming.includes(event)) log.warn(fact, event);
      else log.info(fact, event);
      appendAudit(request.server.store, { event, ip, actor: actorOf(event, details), ...auditedOf(details) });
    },
  };
}

/** Who fails to sign in is nobody we know, whatever account was named. */
function actorOf(event: FactName, { actor, uid, sid }: FactDetails): string {
  const isProved = sid !== undefined || auditEvents[event].outcome === 'success';
  return actor ?? (isProved ? uid : undefined) ?? '';
}

function auditedOf({ uid, sid, device, reason, count }: FactDetails) {
  return { uid, sid, device, reason: reason ?? (count === undefined ? undefined : String(count)) };
}

function shorten(id: string): string {
  return `${id.slice(0, 8)}…`;
}

/** Header bytes outside printable ASCII have no agreed meaning and could do harm on somebody's screen. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
