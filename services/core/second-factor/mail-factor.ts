import type { Store } from '../redis/store.ts';
import { dropAuthenticator, type AuthenticatorRemoval } from './authenticator.ts';

/**
 * Makes mailed codes the second factor of an account, instead of an authenticator if it has one, and ends all other
 * sessions. False if the second factor changed meanwhile.
 */
export function useMailAsFactor(store: Store, change: AuthenticatorRemoval): Promise<boolean> {
  return dropAuthenticator(store, change, 'email');
}
