/** The parts of a stack. */
export type PartName = 'redis' | 'webhook' | 'session' | 'mosquitto';

/** All parts, in the order in which they are shown. */
export const partNames: readonly PartName[] = ['redis', 'webhook', 'session', 'mosquitto'];
