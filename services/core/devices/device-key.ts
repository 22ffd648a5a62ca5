import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const keyPattern = /^[A-Za-z0-9_-]{43}$/;

/** A fresh device key: 256 random bits in base64url. It is shown once and stored as a hash. */
export function newDeviceKey(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a device key. One SHA-256 is enough for 256 random bits, and the broker's thread waits for it. */
export function hashDeviceKey(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}

/** Whether a text has the form of a device key; nothing else is worth hashing. */
export function isDeviceKey(text: string): boolean {
  return keyPattern.test(text);
}

/** Compares two hashes of device keys in constant time; false if either is empty. */
export function isSameKeyHash(a: string, b: string): boolean {
  return a.length > 0 && a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
