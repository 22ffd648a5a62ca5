import type { DenialReason as RuleDenialReason } from '../acl/decide-acl.ts';

/**
 * Every reason for which a broker's check is denied, with a sentence for the operator. The broker logs the reason, the
 * metrics count by it, `explain` prints the sentence; the MQTT client learns neither.
 */
export const denialReasons = {
  'body-malformed': 'The broker sent a body that is neither a JSON object of fields nor a form.',
  'body-not-utf8': 'The broker sent bytes that are not UTF-8.',
  'body-too-large': 'The broker sent a body of more than 16 KiB.',
  'field-duplicate': 'A field occurs more than once in the body.',
  'field-missing': 'A field that the check needs is missing from the body.',
  'field-type': 'A field of the body has a wrong type.',
  'request-malformed': 'The request is not one that a broker sends.',
  'route-unknown': 'There is no check at this address.',
  'answer-unknown': 'The query asks for an answer that is none of json, status and text.',
  'access-unknown': 'The access asked for is none of 1 (read), 2 (write) and 4 (subscribe), or of the hook.',
  'broker-key-missing': 'The request carries no broker key.',
  'broker-key-wrong': 'The request carries a broker key that is not the one of this service.',
  'check-failed': 'The check failed by a fault of this service; its log has the cause.',
  'superuser-none': 'Nobody is superuser here; leave http_superuser_uri unset.',
  'virtual-host-other':
    'The client is on a virtual host (RabbitMQ) or mountpoint (VerneMQ) that is not served.',
  'resource-other':
    "RabbitMQ asks for a queue that is not the client's own, or another exchange than amq.topic.",
  'share-not-there':
    'RabbitMQ has no shared subscriptions over MQTT: it would wait for a topic of that name.',

  'credentials-missing': 'The client gave no username or no password.',
  'username-malformed': 'The username has not the form of an account, a device or a kick.',
  'client-id-malformed': 'The client id is not a session id, alone or with a suffix of 1 to 32 characters.',
  'client-id-of-other-session': 'The client id belongs to another session than the access token.',
  'client-id-of-other-device':
    'The client id is not the device id, alone or with a point and a suffix of 1 to 32 characters.',
  'client-id-of-session': 'The client id belongs to a session, not to the device.',
  'device-key-malformed': 'The password is not in the form of a device key.',
  'device-key-wrong': 'The password is not the key of the device.',
  'device-key-replaced': 'The device key was replaced, and the time that both worked is over.',
  'device-unknown': 'There is no such device.',
  'device-deleted': 'The device was deleted.',
  'device-disabled': 'The device is disabled.',
  'device-connection-void':
    'A key that is void now opened the connection, or it is not one of the 64 newest: connect again.',
  'token-malformed': 'The password is not in the form of an access token.',
  'token-refused':
    'The access token is not one that this service accepts: signature, key, type, issuer or audience.',
  'token-username-mismatch': 'The access token was issued for another username.',
  'token-expired': 'The access token has expired; renew it over HTTP.',
  'token-not-yet-valid': 'The access token was issued in the future by the clock of Redis.',

  'session-unknown': 'There is no such session, or its record has lapsed.',
  'session-username-mismatch': 'The session belongs to another account.',
  'session-revoked': 'The session was revoked.',
  'session-pending': 'The session has steps to finish before it may talk MQTT.',
  'second-factor-missing':
    'A role demands a second factor, and the session was opened without one; sign in again.',
  'session-expired': 'The session is past its absolute life; sign in again.',
  'access-lapsed': 'The newest access token of the session has run out and was not renewed.',

  'kick-ticket-refused': 'The kick ticket is unknown, used, too old or for another client id.',
  'kick-has-no-topics': 'A kick may connect and nothing else.',

  'rules-broken': 'The rules in force cannot be read, so they allow nothing.',
  'topic-malformed': 'The topic is not a topic name.',
  'filter-malformed': 'The topic is not a topic filter.',
  'share-malformed': 'The shared subscription is not $share/<group>/<filter>.',
  'no-rule-allows': 'No rule allows this topic to the account or one of its roles.',
  'denied-by-rule': 'A deny rule holds for this topic.',
  'filter-not-covered': 'The rules allow only a part of what the topic filter would bring.',
} as const satisfies Record<string, string> & Record<RuleDenialReason, string>;

/** One of the reasons above. */
export type DenialReason = keyof typeof denialReasons;

/** A denial with its reason. */
export interface Denial {
  readonly granted: false;
  readonly reason: DenialReason;
}

/** A denial for `reason`. */
export function deny(reason: DenialReason): Denial {
  return { granted: false, reason };
}
