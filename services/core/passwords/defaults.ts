import type { HashCost } from './hasher.ts';

/** Cost of argon2id unless settings say otherwise: OWASP ASVS 5.0, appendix C, with two passes. */
export const defaultHashCost: HashCost = Object.freeze({ memoryKib: 19_456, passes: 2, parallelism: 1 });

/** Shortest password in code points without a second factor (NIST SP 800-63B-4 3.1.1.2). */
export const defaultMinCodePoints = 15;
