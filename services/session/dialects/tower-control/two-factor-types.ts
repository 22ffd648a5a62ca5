import { twoFactorTypes, type TwoFactorType } from '../../../contract/tower-control.ts';
import type { SecondFactor } from '../../../core/second-factor/authenticator.ts';

const typeOf = { none: 'NONE', totp: 'AUTHENTICATOR', email: 'EMAIL' } as const;

/** The type of a second factor on this wire. */
export function typeOfFactor({ method }: Pick<SecondFactor, 'method'>): TwoFactorType {
  return typeOf[method];
}

/** How many boxes the client draws for a code. */
export function codeSizeOf(type: TwoFactorType): number {
  return type === 'NONE' ? 0 : 6;
}

/** The type that a request asks for: a number from 0 wins, else the name counts. Undefined for anything else. */
export function askedType({
  twoFaMethod = -1,
  twoFaType = '',
}: {
  twoFaMethod?: number;
  twoFaType?: string;
}): TwoFactorType | undefined {
  if (twoFaMethod >= 0) return twoFactorTypes[twoFaMethod];
  return twoFactorTypes.find((type) => type === twoFaType);
}
