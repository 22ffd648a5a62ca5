/** A payload as the page shows it: its beginning, as text or, if it is none, in hexadecimal. */
export interface ShownPayload {
  kind: 'text' | 'binary' | 'empty';
  text: string;
  sizeBytes: number;
  isCut: boolean;
}

const mostTextBytes = 2_000;
const mostBinaryBytes = 256;
/** Control characters that are no part of a text, whatever the encoding. */
const unprintable = /[\0-\x08\x0e-\x1a\x1c-\x1f]/;

/** Keeps no more than the page shows: many large messages must not fill the memory. */
export function showPayload(payload: Uint8Array): ShownPayload {
  const sizeBytes = payload.length;
  if (sizeBytes === 0) return { kind: 'empty', text: '', sizeBytes, isCut: false };
  const text = readText(payload.subarray(0, mostTextBytes), sizeBytes > mostTextBytes);
  if (text !== undefined) return { kind: 'text', text, sizeBytes, isCut: sizeBytes > mostTextBytes };
  const bytes = [...payload.subarray(0, mostBinaryBytes)];
  const hexadecimal = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return { kind: 'binary', text: hexadecimal, sizeBytes, isCut: sizeBytes > mostBinaryBytes };
}

/** The text, or undefined if the bytes are none; a character that the cut splits is left out. */
function readText(bytes: Uint8Array, isCut: boolean): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut });
    return unprintable.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
