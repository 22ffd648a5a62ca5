import { createHash, randomBytes } from 'node:crypto';

const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const idPattern = /^[A-Za-z0-9_-]{22}$/;
const usernamePattern = /^[A-Za-z0-9_.-]{1,64}$/;
const deviceIdPattern = /^[A-Za-z0-9_-]{1,64}$/;
const clientIdPattern = /^([A-Za-z0-9_-]{22})(?:-[A-Za-z0-9_.-]{1,32})?$/;
const deviceClientIdPattern = /^([A-Za-z0-9_-]{1,64})(?:\.[A-Za-z0-9_.-]{1,32})?$/;

/** All 64 partitions, in order: the first character of every uid and sid. */
export const partitions: readonly string[] = [...base64url];

/** An account id: 132 bits of randomness as 22 characters; the first one is the account's partition. */
export function newUid(): string {
  return randomId();
}

/** A session id in the partition of its account: 126 random bits behind the partition character. */
export function newSid(uid: string): string {
  return partitionOf(uid) + randomId().slice(1);
}

/** The partition of an account or session id (its first character). */
export function partitionOf(id: string): string {
  return id.charAt(0);
}

/** The partition of a device id: ids are chosen by people, so a hash spreads them. */
export function partitionOfDevice(deviceId: string): string {
  return base64url.charAt(createHash('sha256').update(deviceId).digest().readUInt8(0) & 63);
}

/** Whether a text has the form of a uid or sid. */
export function isId(text: string): boolean {
  return idPattern.test(text);
}

/** Whether a text can be an account's username (case kept, unique ignoring case). */
export function isUsername(text: string): boolean {
  return usernamePattern.test(text);
}

/** Whether a text can be a device id. */
export function isDeviceId(text: string): boolean {
  return deviceIdPattern.test(text);
}

/** The sid that an MQTT client id belongs to (`sid` or `sid-suffix`), or undefined if it is not of that form. */
export function sidOfClientId(clientId: string): string | undefined {
  return clientIdPattern.exec(clientId)?.[1];
}

/** The device id that an MQTT client id belongs to (`id` or `id.suffix`), or undefined. */
export function deviceIdOfClientId(clientId: string): string | undefined {
  return deviceClientIdPattern.exec(clientId)?.[1];
}

/** The partition of whoever connects with an MQTT client id: a session's, else a device's. */
export function partitionOfClientId(clientId: string): string {
  const deviceId = sidOfClientId(clientId) === undefined ? deviceIdOfClientId(clientId) : undefined;
  return deviceId === undefined ? partitionOf(clientId) : partitionOfDevice(deviceId);
}

/** 22 characters of base64url, each from 6 random bits. */
function randomId(): string {
  let id = '';
  for (const byte of randomBytes(22)) id += base64url.charAt(byte & 63);
  return id;
}
