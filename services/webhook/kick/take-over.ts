import { kickUsername } from '../../core/check/decide-acl-check.ts';
import { disconnectPacket, encodeConnect, readConnack } from './mqtt-packets.ts';
import { openWire } from './wire.ts';

/** A connection to a broker over which one client id can be taken over. */
export interface TakeOver {
  /**
   * Connects with the victim's client id and a ticket, so that the broker closes the victim's connection and drops its
   * session [MQTT-3.1.4-2, MQTT-3.1.2-6]. Throws if the broker doesn't let it in, or not in 3 s.
   */
  connect(clientId: string, ticket: string): Promise<void>;
  /** Leaves the broker. To be called in any case. */
  close(): void;
}

const timeoutMs = 3000;

/** Opens the connection ahead, so that it is there when the ticket is; what goes wrong with it is told by `connect`. */
export function openTakeOver(brokerUrl: string): TakeOver {
  const { promise: accepted, resolve, reject } = Promise.withResolvers<void>();
  accepted.catch(() => undefined); // Nobody may have asked yet.
  let received: Buffer = Buffer.alloc(0);
  const wire = openWire(brokerUrl, {
    onBytes(bytes) {
      received = Buffer.concat([received, bytes]);
      try {
        const code = readConnack(received);
        if (code === 0) resolve();
        else if (code !== undefined)
          reject(new Error(`the broker refused the kick with return code ${code}`));
      } catch (error) {
        reject(error as Error);
      }
    },
    onClose: (error) => reject(error ?? new Error('the broker closed the connection before its CONNACK')),
  });

  return {
    async connect(clientId, ticket) {
      const timer = setTimeout(reject, timeoutMs, new Error(`no CONNACK in ${timeoutMs / 1000} s`));
      wire.send(encodeConnect({ clientId, username: kickUsername, password: ticket }));
      try {
        await accepted;
        wire.send(disconnectPacket);
      } finally {
        clearTimeout(timer);
      }
    },
    close: wire.close,
  };
}
