import { createHash } from 'node:crypto';

const form = /^[0-9a-f]{128}$/i;
const uidBytes = 22;
const secretBytes = 32;
const checkBytes = 10;

/** The core's token of a mailed reset, `uid.secret`, as this wire has it: 128 hex digits with a check at their end. */
export function changeKeyOf(token: string): string {
  const [uid = '', secret = ''] = token.split('.');
  const bytes = Buffer.concat([Buffer.from(uid, 'latin1'), Buffer.from(secret, 'base64url')]);
  return Buffer.concat([bytes, checkOf(bytes)]).toString('hex');
}

/** The core's token in a key of this wire, or undefined if it holds none. */
export function tokenOfChangeKey(key: string): string | undefined {
  const bytes = Buffer.from(key, 'hex');
  const content = bytes.subarray(0, uidBytes + secretBytes);
  if (!isKeyForm(key) || !checkOf(content).equals(bytes.subarray(content.length))) return undefined;
  return `${content.toString('latin1', 0, uidBytes)}.${content.toString('base64url', uidBytes)}`;
}

/** The core's token of a registration, 64 bytes in base64url, as 128 hex digits. */
export function validationIdOf(token: string): string {
  return Buffer.from(token, 'base64url').toString('hex');
}

/** The core's token in a validation id, or undefined if it holds none. */
export function tokenOfValidationId(id: string): string | undefined {
  return isKeyForm(id) ? Buffer.from(id, 'hex').toString('base64url') : undefined;
}

function isKeyForm(key: string): boolean {
  return form.test(key);
}

/** 80 bits: a typing error, or a key of another kind, is found out before anything is looked up. */
function checkOf(bytes: Buffer): Buffer {
  return createHash('sha256')
    .update('tower-control change key\n')
    .update(bytes)
    .digest()
    .subarray(0, checkBytes);
}
