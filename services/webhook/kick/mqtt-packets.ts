/** The packets of MQTT 3.1.1 that a kick needs. */

const connectType = 0x10;
const userPasswordAndCleanSession = 0xc2;
const keepAliveSeconds = 60;
const connack = Buffer.from([0x20, 2]);
const connackBytes = 4;

/** CONNECT with clean session [MQTT-3.1]. The texts have less than 64 KB each. */
export function encodeConnect(client: { clientId: string; username: string; password: string }): Buffer {
  const header = Buffer.from([
    0,
    4,
    ...Buffer.from('MQTT'),
    4,
    userPasswordAndCleanSession,
    0,
    keepAliveSeconds,
  ]);
  const body = Buffer.concat([
    header,
    ...[client.clientId, client.username, client.password].map(encodeText),
  ]);
  return Buffer.concat([Buffer.from([connectType, ...encodeLength(body.length)]), body]);
}

/** DISCONNECT [MQTT-3.14]. */
export const disconnectPacket: Buffer = Buffer.from([0xe0, 0]);

/** The return code of the CONNACK, 0 = accepted [MQTT-3.2]; undefined while it is not whole. Throws on anything else. */
export function readConnack(received: Buffer): number | undefined {
  if (received.length < connackBytes) return undefined;
  if (!received.subarray(0, 2).equals(connack)) throw new Error('the broker answered no CONNACK');
  return received[3];
}

/** Seven bits a byte, least significant first [MQTT-2.2.3]. */
function encodeLength(length: number): number[] {
  return length < 128 ? [length] : [(length % 128) | 128, ...encodeLength(Math.floor(length / 128))];
}

function encodeText(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}
