import { createHash } from 'node:crypto';
import { partitionOf, partitionOfClientId, partitionOfDevice } from '../ids.ts';

/*
 * Every Redis key is built here. {p} is the partition character: all keys of one account share a hash tag, so that
 * one script can change them together, in a cluster too.
 *
 * | key                        | type   | TTL                              | writers            | readers           |
 * |----------------------------|--------|----------------------------------|--------------------|-------------------|
 * | bn:{p}:account:<uid>       | HASH   | none: lives until it is deleted  | session, cli       | session, cli      |
 * | bn:{p}:accounts            | ZSET   | none: as the accounts            | session, cli       | session, cli      |
 * | bn:{p}:credential:<uid>    | HASH   | none: as the account             | session, cli       | session, cli      |
 * | bn:{p}:session:<sid>       | HASH   | absolute expiry + 1 day          | session, cli       | all               |
 * | bn:{p}:sessions:<uid>      | ZSET   | newest absolute expiry + 1 day   | session, cli       | session, cli      |
 * | bn:{p}:pending:<sid>      | HASH   | 300 s; 600 s from a mailed code on | session            | session           |
 * | bn:{p}:reset:<uid>         | STRING | 1 h                              | session, cli       | session           |
 * | bn:{p}:verification:<uid>  | STRING | 1 day                            | session, cli       | session           |
 * | bn:{p}:email-change:<uid>  | STRING | 1 h                              | session, cli       | session           |
 * | bn:registration:<sha256>   | STRING | 1 h                              | session            | session           |
 * | bn:letters:<kind>:<sha256> | STRING | 1 h                              | session            | session           |
 * | bn:{invitations}:one:<id>  | HASH   | its life                         | session, cli       | session, cli      |
 * | bn:{invitations}:ids       | ZSET   | that of the longest invitation   | session, cli       | session, cli      |
 * | bn:{p}:guesses:<kind>:<account> | HASH | 30 days after a try; 1 year once disabled | session, cli | session   |
 * | bn:{p}:networks:<account>  | ZSET   | 90 days after the last sign-in   | session, cli       | session           |
 * | bn:{p}:signins:<uid>       | STRING | 1 h                              | session, cli       | session           |
 * | bn:{p}:used:<sid>         | ZSET   | 90 days after the last CONNECT   | webhook, session   | session           |
 * | bn:{p}:barrier             | STRING | 60 s                             | session, cli       | nobody            |
 * | bn:{p}:clients:<sid>       | HASH   | 90 days after the last CONNECT   | webhook, session   | all               |
 * | bn:{p}:clients:d:<device>  | HASH   | none: checks need it, 64 clients and connections at most; swept with the device | webhook, session | all          |
 * | bn:{brokers}:report:<instance> | STRING | 1 day after the last report   | webhook            | all               |
 * | bn:{brokers}:instance:<sha256> | STRING | 1 day after the last report   | webhook            | webhook           |
 * | bn:{p}:device:<id>         | HASH   | none; 90 days as a tombstone     | session, cli       | all               |
 * | bn:{p}:devices             | ZSET   | none: as the devices             | session, cli       | session, cli      |
 * | bn:{p}:owned:<uid>         | ZSET   | none: as the devices; goes with the account | session, cli | session, cli   |
 * | bn:{p}:ticket:<clientId>   | STRING | 10 s                             | webhook            | webhook           |
 * | bn:{p}:expiry              | ZSET   | none: swept as sessions lapse    | session, cli, webhook | webhook        |
 * | bn:{p}:events              | STREAM | none: trimmed to about 10,000    | session, cli       | webhook           |
 * | bn:login:<username>        | STRING | 1 day as a claim, then none      | session, cli       | session, cli      |
 * | bn:email:<sha256>          | STRING | 1 day as a claim, then none      | session, cli       | session, cli      |
 * | bn:network:<what>:<network> | STRING | its window or block, 1 h        | session            | session           |
 * | bn:{rules}:current         | HASH   | none: the rules in force         | session, cli       | all               |
 * | bn:{rules}:history         | LIST   | none: trimmed to 50 versions     | session, cli       | session, cli      |
 * | bn:{rules}:events          | STREAM | none: trimmed to about 1,000     | session, cli       | webhook           |
 * | bn:{groups}:all            | HASH   | none: lives until they are deleted | cli             | session, cli      |
 * | bn:{admins}:uids           | SET    | none: as the admins              | session, cli       | session, cli      |
 * | bn:{p}:activity:<uid>      | LIST   | 400 days after its newest entry  | session, cli       | session, cli      |
 * | bn:{audit}:log             | STREAM | none: trimmed to about 100,000   | session, cli       | session, cli      |
 * | bn:{keys}:instances        | HASH   | 1 h after the last report        | session, webhook, cli | cli            |
 * | bn:{keys}:alive:<instance> | STRING | 15 s                             | session, webhook   | cli               |
 * | bn:{oauth}:clients         | HASH   | none: as the clients             | cli                | session, cli      |
 * | bn:{leases}:holders        | HASH   | none: revokers remove those that are gone | webhook, session, cli | webhook, session, cli |
 * | bn:{leases}:acks:<holder>  | HASH   | 1 day, prolonged each hour       | webhook            | session, cli      |
 * | bn:{sweep}:lease           | STRING | 10 s                             | session            | session           |
 * | bn:{sweep}:cursor          | STRING | 1 day                            | session            | session           |
 */

/** Whom guesses are counted for: a uid, or one of the names that all unknown logins share. */
export interface GuessedAccount {
  partition: string;
  name: string;
}

/**
 * Account facts: uid, username, email, fullName, roles, state, epoch, createdAtMs, language, emailVerified,
 * unverifiedEmail, pendingUntilMs, termsVersion, mustChangePassword; of a locked one: locked; of a deleted one: purgeAtMs,
 * stateBefore. Of its profile: firstName, lastName, mobileNumber, isoCountryCode, customFields (JSON), groups, acls (JSON).
 * apiKeys: the sids of its API keys.
 */
export const accountKey = (uid: string): string => `bn:{${partitionOf(uid)}}:account:${uid}`;

/** The uids of a partition, in lexical order. */
export const accountIndexKey = (partition: string): string => `bn:{${partition}}:accounts`;

/** What only a sign-in reads: password hash, sealed second factor, backup tags. The webhook service has no access. */
export const credentialKey = (uid: string): string => `bn:{${partitionOf(uid)}}:credential:${uid}`;

/** One session with everything that a broker's check needs; a tombstone after its revocation. */
export const sessionKey = (sid: string): string => `bn:{${partitionOf(sid)}}:session:${sid}`;

/** A sign-in with steps left (second factor, terms …). */
export const pendingKey = (sid: string): string => `bn:{${partitionOf(sid)}}:pending:${sid}`;

/** Hash of the newest token that was mailed to the owner of an account for one purpose. */
export const mailedTokenKey = (purpose: 'reset' | 'verification', uid: string): string =>
  `bn:{${partitionOf(uid)}}:${purpose}:${uid}`;

/** A change of e-mail address that waits for its token: JSON of what was asked for and the token's hash. */
export const emailChangeKey = (uid: string): string => `bn:{${partitionOf(uid)}}:email-change:${uid}`;

/** A registration that waits for the link that was mailed to its address: JSON of it and of the link's hash. */
export const registrationKey = (emailHash: string): string => `bn:registration:${emailHash}`;

/** How many letters of a kind an address has got in the running hour. */
export const letterCountKey = (kind: string, email: string): string =>
  `bn:letters:${kind}:${hashOfEmail(email)}`;

/** One invitation: email, roles, language, actor, createdAtMs, untilMs; its id is the SHA-256 of its token. */
export const invitationKey = (id: string): string => `bn:{invitations}:one:${id}`;

/** The ids of invitations, scored by their end in ms. */
export const invitationIndexKey = 'bn:{invitations}:ids';

/** The live sessions of an account: sid scored by absolute expiry in ms. */
export const sessionIndexKey = (uid: string): string => `bn:{${partitionOf(uid)}}:sessions:${uid}`;

/** Tries at one kind of secret: counter → "count delayedUntilMs", row → failures in a row. */
export const guessesKey = ({ partition, name }: GuessedAccount, kind: string): string =>
  `bn:{${partition}}:guesses:${kind}:${name}`;

/** Networks where the owner of an account has signed in, scored by the last time in ms. */
export const knownNetworksKey = ({ partition, name }: GuessedAccount): string =>
  `bn:{${partition}}:networks:${name}`;

/** How often a network has done something in the running window. */
export const networkWindowKey = (what: string, network: string): string => `bn:network:${what}:${network}`;

/** How often an account has been signed in to in the running hour. */
export const signInsKey = (uid: string): string => `bn:{${partitionOf(uid)}}:signins:${uid}`;

/** The newest generation whose access token a broker has seen: member `generation`, scored by it, so it only rises. */
export const usedGenerationKey = (sid: string): string => `bn:{${partitionOf(sid)}}:used:${sid}`;

/** Written to learn, by WAIT, whether the replicas of a partition's primary have all that was written there before. */
export const barrierKey = (partition: string): string => `bn:{${partition}}:barrier`;

/**
 * Client ids of a session: client id → "lastSeenMs", and its open connections, where brokers report their end: "client id
 * instance.number" → sinceMs, and "client id late.lastSeenMs". core/connections/connection.ts reads and writes the fields.
 */
export const clientsKey = (sid: string): string => `bn:{${partitionOf(sid)}}:clients:${sid}`;

/** The same of a device: client id → "lastSeenMs epoch", the device's epoch at its CONNECT. */
export const deviceClientsKey = (deviceId: string): string =>
  `bn:{${partitionOfDevice(deviceId)}}:clients:d:${deviceId}`;

/** What one start of a broker has reported last: lastReportMs, dropped, lossAtMs. */
export const brokerReportKey = (instance: string): string => `bn:{brokers}:report:${instance}`;

/** The newest start of a broker, which is known by the hash of its name. */
export const brokerInstanceKey = (broker: string): string =>
  `bn:{brokers}:instance:${createHash('sha256').update(broker).digest('base64url')}`;

/** One device: id, label, owner, roles, state, epoch, keyHash and, while keys overlap, previousKeyHash, previousKeyUntilMs. */
export const deviceKey = (deviceId: string): string =>
  `bn:{${partitionOfDevice(deviceId)}}:device:${deviceId}`;

/** The device ids of a partition, in lexical order. */
export const deviceIndexKey = (partition: string): string => `bn:{${partition}}:devices`;

/** Where to look first for the devices of an account: their ids, in lexical order. The devices are the truth. */
export const ownedDevicesKey = (uid: string): string => `bn:{${partitionOf(uid)}}:owned:${uid}`;

/** SHA-256 of the kick ticket for one client id of a session or a device. */
export const ticketKey = (clientId: string): string =>
  `bn:{${partitionOfClientId(clientId)}}:ticket:${clientId}`;

/** Sessions of a partition scored by the time (ms) at which their newest access token lapses. */
export const expiryKey = (partition: string): string => `bn:{${partition}}:expiry`;

/** The partition's event stream, the truth for kicks and caches. */
export const eventsKey = (partition: string): string => `bn:{${partition}}:events`;

/** Username (in lower case) → uid. */
export const loginKey = (username: string): string => `bn:login:${username.toLowerCase()}`;

/** SHA-256 of the normalised e-mail address → uid. */
export const emailKey = (email: string): string => `bn:email:${hashOfEmail(email)}`;

/** The rules in force: fields version, document (JSON), actor, atMs. */
export const rulesKey = 'bn:{rules}:current';

/** The versions of the rules, newest first, each as JSON: version, document (JSON), actor, atMs, rolledBackTo. */
export const rulesHistoryKey = 'bn:{rules}:history';

/** Changes of the rules. */
export const rulesEventsKey = 'bn:{rules}:events';

/** All groups of accounts: shortId → JSON. */
export const groupsKey = 'bn:{groups}:all';

/** Where to look first for an admin: uids of accounts that got the role. The accounts themselves are the truth. */
export const adminsKey = 'bn:{admins}:uids';

/** What has happened to an account lately, for its owner. A list: one short stream would take 4.7 KB. */
export const activityKey = (uid: string): string => `bn:{${partitionOf(uid)}}:activity:${uid}`;

/** The audit log: every security fact. */
export const auditKey = 'bn:{audit}:log';

/** Which keys each instance of a service has loaded: instance → JSON of its report. */
export const keyReportsKey = 'bn:{keys}:instances';

/** There as long as an instance reports its keys. */
export const keyReporterKey = (instance: string): string => `bn:{keys}:alive:${instance}`;

/** Other services that may ask about tokens: client id → JSON of the client. */
export const oauthClientsKey = 'bn:{oauth}:clients';

/** Webhook services that may answer from memory: holder id → "held <lease in ms> <replicas required>" or "evicted <lease in ms>". */
export const holdersKey = 'bn:{leases}:holders';

/** The newest event of each stream that a holder has applied: key of the stream → id. */
export const acksKey = (holderId: string): string => `bn:{leases}:acks:${holderId}`;

/** Held by the one instance that sweeps. */
export const sweepLeaseKey = 'bn:{sweep}:lease';

/** Where the next sweep goes on: see scanKeys. */
export const sweepCursorKey = 'bn:{sweep}:cursor';

/** What a stored key is about, by its name; undefined for kinds that are never looked for. */
export function readKey(key: string): { kind: SweptKind; id: string } | undefined {
  const [, kind, id] = /^bn:(?:\{.\}:)?(account|sessions|clients|used|login|email):(.+)$/.exec(key) ?? [];
  return kind === undefined || id === undefined ? undefined : { kind: kind as SweptKind, id };
}

/** Kinds of keys that housekeeping looks at. */
export type SweptKind = 'account' | 'sessions' | 'clients' | 'used' | 'login' | 'email';

/** E-mail addresses are compared trimmed and in lower case. */
export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** SHA-256 of a normalised e-mail address, base64url. */
export function hashOfEmail(email: string): string {
  return createHash('sha256').update(normaliseEmail(email)).digest('base64url');
}
