import { setRoles } from '../../services/core/accounts/set-roles.ts';
import type { Store } from '../../services/core/redis/store.ts';
import { sessionKey } from '../../services/core/redis/keys.ts';
import type { Answer, Asked, Person, SessionStage, Tokens } from './session-service.ts';

/** Somebody who is signed in and has roles. */
export interface Operator extends Tokens {
  person: Person;
  /** Asks the admin API with the access token of this session. */
  ask(method: string, path: string, asked?: Asked): Promise<Answer>;
}

/** Signs in a new account and gives it roles, `admin` unless told otherwise. */
export async function signInOperator(stage: SessionStage, roles = ['user', 'admin']): Promise<Operator> {
  const tokens = await stage.signInSomebody();
  await giveRoles(stage.store, tokens.user.id, roles);
  const ask = (method: string, path: string, asked: Asked = {}) =>
    stage.ask(method, `/api/admin${path}`, { token: tokens.access_token, ...asked });
  return { ...tokens, ask };
}

/** Gives an account roles as the command line would. */
export async function giveRoles(store: Store, uid: string, roles: string[]): Promise<void> {
  const { outcome } = await setRoles(store, { uid, roles, actor: 'test' });
  if (outcome !== 'changed' && outcome !== 'unchanged') throw new Error(`the roles were not set: ${outcome}`);
}

/** Makes the sign-in of a session older, so that it is no fresh one. */
export async function letSignInAge(store: Store, sid: string, seconds: number): Promise<void> {
  await store.redis.hincrby(sessionKey(sid), 'authTimeSeconds', -seconds);
}
