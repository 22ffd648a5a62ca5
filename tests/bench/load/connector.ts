import { openMqtt, type MqttIdentity } from './mqtt-connection.ts';
import { disconnectPacket } from './mqtt-packets.ts';

/**
 * Makes the operation "connect, be accepted, leave". It ends when the broker has closed, so the next one with the same
 * client id takes nothing over.
 */
export function connectAndLeave(port: number, identity: MqttIdentity): () => Promise<string | undefined> {
  return async () => {
    try {
      const connection = await openMqtt(port, identity);
      connection.write(disconnectPacket);
      await connection.closed;
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
}
