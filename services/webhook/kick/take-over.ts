import { connect } from 'mqtt';
import { kickUsername } from '../../core/check/decide-acl-check.ts';

const connectTimeoutMs = 3000;

/**
 * Connects to a broker with the victim's client id and a ticket, so that the broker closes the victim's connection and
 * drops its session [MQTT-3.1.4-3, MQTT-3.1.2-4], then leaves. Throws if the broker doesn't let it in.
 */
export async function takeOver(brokerUrl: string, clientId: string, ticket: string): Promise<void> {
  const client = connect(brokerUrl, {
    clientId,
    username: kickUsername,
    password: ticket,
    clean: true,
    protocolVersion: 4,
    reconnectPeriod: 0,
    connectTimeout: connectTimeoutMs,
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  client.once('connect', () => resolve());
  client.on('error', reject);
  client.once('close', () => reject(new Error('the broker closed the connection before its CONNACK')));
  try {
    await promise;
  } finally {
    client.end();
  }
}
