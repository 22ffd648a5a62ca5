/* The types of `/client/bednet.js`; tests/client/library.test.ts holds them against the sources. */
import type { IClientOptions, MqttClient } from 'mqtt';

/** The session of this page; `start()` picks up one that the browser still has. */
export declare function createSession(options?: SessionOptions): Session;

/** How a session is kept. */
export interface SessionOptions {
  /** Where the session service is, such as `https://id.example.org`; by default where the page comes from. */
  baseUrl?: string;
  /** `cookie` (default) keeps the renewal token from every script; `body` keeps it in memory, so a reload signs out. */
  transport?: 'cookie' | 'body';
  /** After this time without a person the session ends; 0 = never. Half an hour by default. */
  idleTimeoutMs?: number;
  /** Other origins that `session.fetch` may send the access token to. */
  tokenOrigins?: readonly string[];
  fetch?: typeof fetch;
}

/** The session of a page, shared by the tabs of the browser. Methods reject with a SessionError. */
export interface Session {
  /** What the page shows; a new object after each change. */
  readonly state: SessionState;
  /** The steps after the password. */
  readonly steps: Steps;
  subscribe(listener: () => void): () => void;
  /** Picks up the session of the renewal cookie. Rejects while the server can't be asked, and goes on trying. */
  start(): Promise<SessionState>;
  signIn(credentials: Credentials): Promise<SessionState>;
  /** Ends the session here at once, also offline. Rejects if the server could not be told, and goes on telling it. */
  signOut(): Promise<void>;
  /** An access token that can be used now. */
  accessToken(): Promise<string>;
  /** Renews now; not if there is a newer access token than `refused`. */
  renew(refused?: string): Promise<void>;
  /** Whether the account may do `needed`, such as `products.view`. The server decides; this only hides buttons. */
  hasPermission(needed: string): boolean;
  /** As `fetch`, with the access token; after a 401 it renews and repeats once. */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** Calls the API of the session service; resolves with `data` of the answer. */
  call<Data = object>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Data>;
  /** Calls what needs no session. */
  callOpenly<Data = object>(path: string, body: object): Promise<Data>;
  /** Stops timers and listeners; the session itself goes on. */
  close(): void;
}

/** What is left of a sign-in whose state is `pending`. */
export interface Steps {
  verifyCode(code: string): Promise<SessionState>;
  acceptTerms(version: string): Promise<SessionState>;
  setPassword(newPassword: string): Promise<SessionState>;
  call<Data = object>(path: string, body?: object): Promise<Data>;
  cancel(): void;
}

/** What somebody types to sign in. */
export interface Credentials {
  username: string;
  password: string;
  /** False asks for a session that ends soon when idle. */
  remember?: boolean;
}

/** What a page shows of its session. */
export type SessionState =
  | { status: 'starting' }
  | { status: 'signed-out'; reason?: EndReason | undefined }
  | {
      status: 'pending';
      steps: readonly PendingStep[];
      methods: readonly string[];
      termsVersion?: string | undefined;
    }
  | { status: 'signed-in'; user: User; sessionId: string; mqtt: MqttAddress; isOffline: boolean };

/** A step that is left before there is a session. */
export type PendingStep =
  'second-factor' | 'second-factor-setup' | 'password-change' | 'terms' | 'email-verification';

/** The account. */
export interface User {
  id: string;
  username: string;
  email: string;
  full_name: string;
  role: string;
  permissions: string[];
  is_active: boolean;
  created_at: string;
}

/** Where to speak MQTT. */
export interface MqttAddress {
  url: string;
  websocket_url: string;
  username: string;
  client_id: string;
}

/** Why there is no session any more. */
export type EndReason =
  | { kind: 'signed-out' }
  | { kind: 'inactivity' }
  | { kind: 'expired' }
  | { kind: 'revoked'; ended?: Ended | undefined };

/** Who ended a session, and why. */
export interface Ended {
  reason: string;
  by: 'self' | 'operator' | 'system';
  /** ISO 8601, UTC. */
  at: string;
}

/** What an API call failed with: a code of the API, or `OFFLINE`, `SIGNED_OUT`, `BAD_ANSWER`. */
export declare class SessionError extends Error {
  readonly code: string;
  /** HTTP status; 0 if there was no answer. */
  readonly status: number;
  /** The request field at fault. */
  readonly field: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly ended: Ended | undefined;
}

/** `connect` of MQTT.js, which the page brings along. */
export type MqttConnect = (url: string, options: IClientOptions) => MqttClient;

/** Connects to the broker as the session: with a fresh token each time, again after a loss, until the session ends. */
export declare function connectMqtt(
  session: Session,
  connect: MqttConnect,
  options?: IClientOptions & { url?: string },
): MqttConnection;

/** One MQTT connection that lives as long as the session. */
export interface MqttConnection {
  client: MqttClient;
  readonly state: MqttState;
  subscribe(listener: (state: MqttState) => void): () => void;
  end(): void;
}

/** How an MQTT connection fares. */
export type MqttState =
  | { status: 'connecting' }
  | { status: 'connected' }
  | { status: 'waiting'; isRefused: boolean }
  | { status: 'ended'; reason?: EndReason | undefined };
