import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const nonceBytes = 12;
const tagBytes = 16;

/** Encrypts a text for storage in Redis (AES-256-GCM, 96-bit random nonce), bound to its owner by `context`. */
export function seal(text: string, key: Buffer, context: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key.subarray(0, 32), nonce);
  cipher.setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** The text behind `seal`; throws if the key or the owner is another one, or the stored text was changed. */
export function open(sealed: string, key: Buffer, context: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key.subarray(0, 32), bytes.subarray(0, nonceBytes));
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  const sealedText = bytes.subarray(nonceBytes + tagBytes);
  try {
    return decipher.update(sealedText, undefined, 'utf8') + decipher.final('utf8');
  } catch (cause) {
    throw new Error('a stored second factor does not open with the key that is set', { cause });
  }
}
