import { fault, ok, type Finding } from './finding.ts';
import type { Numbers } from './metrics-text.ts';
import type { BrokerTry } from './try-broker.ts';

/** The webhook service's numbers just before and just after doctor tried to sign in at the broker. */
export interface NumbersAround {
  before: Numbers;
  after: Numbers;
}

const names = 'broker-sign-in';

/** Judges how a broker received doctor, and what the webhook service saw of it. */
export function checkBroker(
  url: string,
  { anonymous, first, second }: BrokerTry,
  numbers: NumbersAround | undefined,
): Finding[] {
  if (anonymous.outcome === 'unreachable') {
    const change = 'make status and make logs; MQTT_PORT says where doctor looks for it.';
    return [fault('broker', `The broker at ${url} can't be reached (${anonymous.reason}).`, change)];
  }
  const findings = [checkAnonymous(anonymous.outcome)];
  const receptions = [first.outcome, second.outcome];
  if (receptions.includes('let-in')) return [...findings, letIn()];
  if (receptions.some((outcome) => outcome !== 'refused')) return [...findings, cut()];
  return numbers ? [...findings, checkIsAsked(numbers)] : findings;
}

function checkAnonymous(outcome: string): Finding {
  const check = 'broker-anonymous';
  if (outcome !== 'let-in') return ok(check, 'The broker refuses clients without credentials.');
  const found = 'The broker lets clients in that give no credentials.';
  return fault(check, found, 'Set allow_anonymous false in mosquitto.conf and start the broker anew.');
}

function letIn(): Finding {
  const found = 'The broker lets a client in that no service knows.';
  const change = 'Load the plugin (mosquitto-conf/mosquitto.conf); remove password_file and other plugins.';
  return fault(names, found, change);
}

function cut(): Finding {
  const found = 'The broker closes connections without an answer: its plugin gets none from the webhook.';
  const change =
    "Compare http_host, http_port and http_timeout with mosquitto-conf/mosquitto.conf; the broker's log has the cause.";
  return fault(names, found, change);
}

/** Both sign-ins were refused: did the webhook service refuse them, each of them? */
function checkIsAsked({ before, after }: NumbersAround): Finding {
  const more = (name: string, labels: Record<string, string> = {}) =>
    after.sum(name, labels) - before.sum(name, labels);
  const seen = more('bednet_doctor_sign_ins_total');
  if (seen > 1)
    return ok(names, 'The broker asks the webhook service about each sign-in, also about equal ones.');
  if (seen === 1) return cacheIsOn();
  for (const key of ['missing', 'wrong'])
    if (more('bednet_broker_requests_total', { key }) > 0) return keyFault(key);
  if (more('bednet_broker_unknown_routes_total') > 0) return wrongAddress();
  const found = 'The broker refuses clients without asking this webhook service.';
  const change =
    'Compare its http_host, http_port, http_register and backends with mosquitto-conf/mosquitto.conf.';
  return fault(names, found, change);
}

function cacheIsOn(): Finding {
  const found =
    'Of two equal sign-ins the webhook service saw one: a cache is on, so revoked clients go on for as long as it keeps grants.';
  const change =
    'Set auth_opt_cache false (go-auth) in mosquitto.conf, remove any caching proxy before the webhook, start the broker anew.';
  return fault('broker-cache', found, change);
}

function keyFault(key: string): Finding {
  const found = `The broker's requests carry ${key === 'wrong' ? 'a wrong' : 'no'} broker key, so all clients are refused.`;
  const change =
    'Set plugin_opt_http_header_X-Bednet-Key (upstream go-auth: /user?key=… and /acl?key=…) to the key in BROKER_KEY_FILE.';
  return fault('broker-key', found, change);
}

function wrongAddress(): Finding {
  const found = 'The broker asks an address at which the webhook service has no check.';
  const change = 'Set http_getuser_uri to /user and http_aclcheck_uri to /acl in mosquitto.conf.';
  return fault('broker-address', found, change);
}
