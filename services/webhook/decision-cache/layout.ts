/*
 * The counter file, layout version 1 (mosquitto-conf/plugin/README.md): numbers of 64 bits in the machine's order, which
 * the plugin maps. It is written in place, eight aligned bytes at a time, and never shrunk.
 */

/** The bytes `BEDNETCF`. */
export const magic = Buffer.from('BEDNETCF', 'latin1');
export const layoutVersion = 1;
export const headerBytes = 128;

/** A power of two; a slot that several clients share costs a needless question now and then. */
export const slotCount = 65_536;

/** Where each number of the header is. */
export const offsets = {
  layoutVersion: 8,
  headerBytes: 12,
  epoch: 16,
  slotCount: 24,
  leaseNs: 32,
  steadyDeadlineNs: 64,
  wallDeadlineMs: 72,
  globalStamp: 80,
} as const;

/** Where the stamp of a slot is. */
export const stampOffset = (slot: number): number => headerBytes + 8 * slot;

/** FNV-1a, 64 bits: as the slot is the lowest bits of the hash, the lower halves of its two numbers are enough. */
const fnvBasis = 0x8422_2325;
const fnvPrime = 0x0000_01b3;

/** The slot of a client id, which is ASCII: no other one is ever granted. */
export function slotOf(clientId: string): number {
  let hash = fnvBasis;
  for (let i = 0; i < clientId.length; i += 1) hash = Math.imul(hash ^ clientId.charCodeAt(i), fnvPrime);
  return hash & (slotCount - 1);
}
