/** The few packets of MQTT 5 that the load needs, encoded by hand: section 3 of the OASIS standard. */

const connectType = 0x10;
const publishType = 0x30;
const subscribeType = 0x82;

/** The packet type in the upper half of a packet's first byte. */
export const packetTypes = { connack: 2, publish: 3, puback: 4, suback: 9 } as const;

/** CONNECT with clean start and an hour of keep-alive, so that no ping disturbs a measurement. */
export function encodeConnect(client: { clientId: string; username: string; password: string }): Buffer {
  const userPasswordAndCleanStart = 0xc2;
  const header = Buffer.from([0, 4, ...Buffer.from('MQTT'), 5, userPasswordAndCleanStart, 0x0e, 0x10, 0]);
  return packet(connectType, [header, text(client.clientId), text(client.username), text(client.password)]);
}

/** PUBLISH with QoS 1, or with QoS 0 when there is no packet id. */
export function encodePublish(topic: string, payload: Buffer, packetId?: number): Buffer {
  const qosBits = packetId === undefined ? 0 : 0x02;
  const id = packetId === undefined ? [] : [uint16(packetId)];
  return packet(publishType | qosBits, [text(topic), ...id, noProperties, payload]);
}

/** SUBSCRIBE to one filter at QoS 0. */
export function encodeSubscribe(filter: string, packetId: number): Buffer {
  return packet(subscribeType, [uint16(packetId), noProperties, text(filter), Buffer.from([0])]);
}

/** DISCONNECT, normal. */
export const disconnectPacket: Buffer = Buffer.from([0xe0, 0]);

const noProperties = Buffer.from([0]);

function packet(firstByte: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([firstByte, ...variableLength(body.length)]), body]);
}

/** Seven bits a byte, least significant first [MQTT 5, 1.5.5]. */
function variableLength(length: number): number[] {
  const bytes: number[] = [];
  let rest = length;
  do {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? digit | 0x80 : digit);
  } while (rest > 0);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint16(bytes.length), bytes]);
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}
