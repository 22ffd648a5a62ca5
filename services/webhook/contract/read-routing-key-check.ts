import type { Access } from '../../core/acl/rules.ts';
import { isSharePrefixed } from '../../core/acl/shared-subscription.ts';
import { deny } from '../../core/check/reasons.ts';
import type { Read } from './read-check.ts';

/** RabbitMQ asks when a queue is bound to a topic, not when a message is delivered. */
const accessByPermission = new Map<string, Access>([
  ['write', 'write'],
  ['read', 'subscribe'],
]);

/**
 * Reads the MQTT topic out of a routing key. RabbitMQ's MQTT plugin turns `/` into `.` and `+` into `*`; all else stays, a
 * literal `.` or `*` too. So several topics share one key, and for RabbitMQ they are one topic from then on: `*` and `#`
 * are wildcards, `.` parts levels. What is read is the one of them with those levels, and whoever decides counts `.` as
 * `/` in what is denied. A `*` in a topic name, and a `#` that isn't last, come out malformed.
 */
export function readRoutingKeyCheck(
  routingKey: string,
  permission: string,
): Read<{ topic: string; access: Access; pointsAreSlashes: true }> {
  const access = accessByPermission.get(permission);
  if (access === undefined) return deny('access-unknown');
  if (/[/+]/.test(routingKey)) return deny('request-malformed');
  const topic = routingKey.replaceAll('.', '/').replaceAll('*', '+');
  if (isSharePrefixed(topic)) return deny('share-not-there');
  return { granted: true, check: { topic, access, pointsAreSlashes: true } };
}
