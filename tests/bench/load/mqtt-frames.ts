/**
 * Called with each whole packet: its type (1 to 15), and where in `bytes` its content, behind the length, starts and
 * ends. The bytes are only good during the call.
 */
export type OnFrame = (type: number, bytes: Buffer, start: number, end: number) => void;

/** Cuts a stream of MQTT bytes into packets, without copying those that arrive in one piece. */
export function createFrameCutter(onFrame: OnFrame): (chunk: Buffer) => void {
  let rest: Buffer | undefined;
  return (chunk) => {
    const bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
    const used = cutFrames(bytes, onFrame);
    rest = used < bytes.length ? Buffer.from(bytes.subarray(used)) : undefined;
  };
}

/** Returns how many bytes the whole packets at the beginning take. */
function cutFrames(bytes: Buffer, onFrame: OnFrame): number {
  let offset = 0;
  while (offset + 2 <= bytes.length) {
    let length = 0;
    let shift = 0;
    let position = offset + 1;
    let digit = 0x80;
    while (digit & 0x80) {
      if (position >= bytes.length) return offset;
      digit = bytes[position] ?? 0;
      length += (digit & 0x7f) << shift;
      shift += 7;
      position += 1;
    }
    if (position + length > bytes.length) return offset;
    onFrame((bytes[offset] ?? 0) >> 4, bytes, position, position + length);
    offset = position + length;
  }
  return offset;
}
