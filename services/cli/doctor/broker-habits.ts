import { ok, warn, type Finding } from './finding.ts';
import type { Numbers } from './metrics-text.ts';

const slowSeconds = '0.05';
const fewestChecks = 100;
const requests = 'bednet_broker_requests_total';

/** Why a check could not be understood: its broker speaks another mode, or is no broker. */
const unreadable: readonly string[] = [
  ...['body-malformed', 'body-not-utf8', 'body-too-large', 'field-duplicate', 'field-missing', 'field-type'],
  ...['request-malformed', 'answer-unknown', 'access-unknown'],
];

/** Judges what brokers have asked since the webhook service was started. */
export function checkBrokerHabits(numbers: Numbers): Finding[] {
  const startedMs = numbers.sum('process_start_time_seconds') * 1000;
  const since = `since the webhook service was started (${new Date(startedMs).toISOString().slice(0, 19)}Z)`;
  const findings = [
    ...findStrangers(numbers),
    ...findSuperuser(numbers),
    ...findMethod(numbers),
    ...findUnreadable(numbers),
    ...findBearerOnly(numbers),
    ...findSpecialNames(numbers),
    ...['user', 'acl'].flatMap((check) => findSlowChecks(numbers, check)),
  ].map((finding) => ({ ...finding, found: `${finding.found} ${since}.` }));
  if (findings.length > 0) return findings;
  const asked = `${numbers.sum(requests, { check: 'user' })} sign-ins and ${numbers.sum(requests, { check: 'acl' })} ACL checks`;
  return [ok('broker-requests', `Nothing is wrong with the ${asked} that brokers asked ${since}.`)];
}

function findStrangers(numbers: Numbers): Finding[] {
  const missing = numbers.sum(requests, { key: 'missing' });
  const wrong = numbers.sum(requests, { key: 'wrong' });
  if (missing + wrong === 0) return [];
  const found = `${missing} requests came without the broker key and ${wrong} with a wrong one`;
  const change = 'Give all brokers the key in BROKER_KEY_FILE; if all have it, somebody else asks: see who.';
  return [warn('broker-key-seen', found, again(change))];
}

function findSuperuser(numbers: Numbers): Finding[] {
  const asked = numbers.sum(requests, { check: 'superuser' });
  if (asked === 0) return [];
  const found = `Brokers asked ${asked} times for a superuser, which nobody is and which doubles their waiting,`;
  const change = 'Remove http_superuser_uri from mosquitto.conf, or set disable_superuser true.';
  return [warn('broker-superuser', found, again(change))];
}

function findMethod(numbers: Numbers): Finding[] {
  const asked = numbers.sum(requests, { method: 'GET' });
  if (asked === 0) return [];
  const found = `${asked} checks came as GET, whose body a proxy may drop and whose answer it may keep,`;
  return [warn('broker-method', found, again('Set http_method POST in mosquitto.conf.'))];
}

function findUnreadable(numbers: Numbers): Finding[] {
  const counts = unreadable
    .map((reason) => ({ reason, count: numbers.sum('bednet_checks_total', { reason }) }))
    .filter(({ count }) => count > 0);
  const routes = numbers.sum('bednet_broker_unknown_routes_total');
  if (routes > 0) counts.push({ reason: 'route-unknown', count: routes });
  if (counts.length === 0) return [];
  const told = counts.map(({ reason, count }) => `${reason} ${count}`).join(', ');
  const change =
    'Compare http_method, http_params_mode and the URIs of all brokers with mosquitto-conf/mosquitto.conf.';
  return [warn('broker-mode', `Requests could not be understood (${told})`, again(change))];
}

function findBearerOnly(numbers: Numbers): Finding[] {
  const asked = numbers.sum(requests, { check: 'user', mode: 'bearer-only' });
  if (asked === 0) return [];
  const found = `${asked} sign-ins came with a token and no client id, so one user can throw another out,`;
  const change =
    'Set jwt_send_clientid true (our plugin), or use backend http; set connection_messages false: usernames are tokens.';
  return [warn('broker-token-mode', found, again(change))];
}

function findSpecialNames(numbers: Numbers): Finding[] {
  const count = (name: string) => numbers.sum('bednet_broker_special_names_total', { name });
  const [usernames, clientIds] = [count('username'), count('client-id')];
  if (usernames + clientIds === 0) return [];
  const found = `Clients came with / + or # in ${usernames} usernames and ${clientIds} client ids, and were denied,`;
  const change =
    'Give them the client id and username that their sign-in answered; devices: letters, digits, - and _ only.';
  return [warn('broker-names', found, again(change))];
}

function findSlowChecks(numbers: Numbers, check: string): Finding[] {
  const all = numbers.sum('bednet_check_duration_seconds_count', { check });
  const quick = numbers.sum('bednet_check_duration_seconds_bucket', { check, le: slowSeconds });
  if (all < fewestChecks || quick >= all * 0.99) return [];
  const found = `${all - quick} of ${all} ${check} checks took longer than ${Number(slowSeconds) * 1000} ms, while the broker served nobody,`;
  const change =
    'Bring Redis, the webhook service and the broker onto one machine; look for what keeps it busy.';
  return [warn(`broker-slow-${check}`, found, again(change))];
}

/** Counts begin anew with the service. */
function again(change: string): string {
  return `${change} Then start the webhook service anew: it counts from its start.`;
}
