import type { Answered, Asked } from './webhook-service.ts';

/** Who asks a broker for something. */
export interface HookClient {
  username: string;
  password: string;
  clientId: string;
}

/** A question as one kind of broker sends it. */
export interface Question {
  path: string;
  asked: Asked;
}

/** What a broker makes of an answer; each `error` refuses the client too. */
export type Verdict = 'grant' | 'denial' | 'error';

/** One kind of broker: how it asks by its documentation, and how it reads the answers. */
export interface HookBroker {
  name: 'rabbitmq' | 'emqx' | 'vernemq';
  connect(client: HookClient): Question;
  publish(client: HookClient, topic: string): Question;
  subscribe(client: HookClient, filter: string): Question;
  read(answer: Answered): Verdict;
  /** What the broker is to see when nobody knows the truth. */
  outage: Verdict;
}

/** RabbitMQ 3.10.8 with rabbitmq_mqtt; requests as they were seen. */
export const rabbitmq: HookBroker = {
  name: 'rabbitmq',
  connect: ({ username, password, clientId }) => ({
    path: '/rabbitmq/user',
    asked: { key: 'query', form: { username, password, vhost: '/', client_id: clientId } },
  }),
  publish: (client, topic) => askRoutingKey(client, topic, 'write'),
  subscribe: (client, filter) => askRoutingKey(client, filter, 'read'),
  read: ({ status, body }) =>
    status !== 200 ? 'error' : body === 'allow' ? 'grant' : body === 'deny' ? 'denial' : 'error',
  outage: 'error',
};

/** EMQX 5 with the bodies that docs/scale-out.md shows. Any status but 200 and 204 means "ignore": the next one decides. */
export const emqx: HookBroker = {
  name: 'emqx',
  connect: ({ username, password, clientId }) => ({
    path: '/emqx/authenticate',
    asked: { json: { username, password, clientid: clientId } },
  }),
  publish: (client, topic) => askAction(client, topic, 'publish'),
  subscribe: (client, filter) => askAction(client, filter, 'subscribe'),
  read: ({ status, contentType, body }) => {
    if (status !== 200 || !contentType?.startsWith('application/json')) throw new Error(`ignored: ${status}`);
    return (JSON.parse(body) as { result: string }).result === 'allow' ? 'grant' : 'denial';
  },
  outage: 'denial',
};

/** VerneMQ with MQTT 3.1.1 clients. */
export const vernemq: HookBroker = {
  name: 'vernemq',
  connect: ({ username, password, clientId }) =>
    askHook('register', {
      ...{ peer_addr: '127.0.0.1', peer_port: 8888, mountpoint: '', client_id: clientId },
      ...{ username, password, clean_session: false },
    }),
  publish: ({ username, clientId }, topic) =>
    askHook('publish', {
      ...{ username, mountpoint: '', client_id: clientId, qos: 1, topic },
      ...{ payload: 'aGVsbG8=', retain: false },
    }),
  subscribe: ({ username, clientId }, topic) =>
    askHook('subscribe', { username, mountpoint: '', client_id: clientId, topics: [{ topic, qos: 1 }] }),
  read: ({ status, body, cacheControl }) => {
    if (cacheControl !== 'no-store') throw new Error(`VerneMQ would keep it: ${String(cacheControl)}`);
    if (status !== 200) return 'error';
    const { result, topics } = JSON.parse(body) as { result: unknown; topics?: { qos: number }[] };
    return result === 'ok' && !topics?.some(({ qos }) => qos >= 128) ? 'grant' : 'denial';
  },
  outage: 'error',
};

/** A question of RabbitMQ about a topic: the routing key that its MQTT plugin makes of it. */
export function askRoutingKey(client: HookClient, topic: string, permission: string): Question {
  const { username, clientId } = client;
  const form = {
    ...{ username, vhost: '/', resource: 'topic', name: 'amq.topic', permission, tags: '' },
    routing_key: topic.replaceAll('/', '.').replaceAll('+', '*'),
    'variable_map.client_id': clientId,
    'variable_map.username': username,
    'variable_map.vhost': '/',
  };
  return { path: '/rabbitmq/topic', asked: { key: 'query', form } };
}

function askAction({ username, clientId }: HookClient, topic: string, action: string): Question {
  return { path: '/emqx/authorize', asked: { json: { username, clientid: clientId, topic, action } } };
}

/** A question of VerneMQ's webhook `auth_on_<what>`, with `_m5` for MQTT 5. */
export function askHook(what: string, json: object, version: '' | '_m5' = ''): Question {
  const headers = { 'vernemq-hook': `auth_on_${what}${version}` };
  return { path: `/vernemq/${what}`, asked: { key: 'query', json, headers } };
}
