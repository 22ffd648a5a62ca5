import { randomBytes } from 'node:crypto';
import { setRoles } from '../../../services/core/accounts/set-roles.ts';
import { httpRequest, type HttpAnswer } from '../../bench/load/http-connection.ts';
import type { FaultStage } from '../stage/stage.ts';
import { newPassword } from './accounts.ts';
import { dataOf, openLane, type Lane } from './lane.ts';

/** Somebody who may do everything by the admin API. */
export interface Operator {
  /** Asks the admin API on a lane of the session service; undefined = nobody knows what became of it. */
  ask(lane: Lane, method: string, path: string, body?: object): Promise<HttpAnswer | undefined>;
}

/** Registers and signs in an operator, before anything is broken. */
export async function signInOperator({ store, sessions }: FaultStage): Promise<Operator> {
  const lane = openLane(sessions[0].port);
  const post = async (path: string, body: object, status: number) => {
    const answer = await lane.send(httpRequest('POST', `/api/auth/${path}`, {}, body));
    if (answer?.status !== status) throw new Error(`POST ${path}: ${answer?.status} ${answer?.body}`);
    return answer;
  };
  const username = `op${randomBytes(6).toString('hex')}`;
  const password = newPassword();
  const email = `${username}@example.org`;
  await post('register', { username, password, email, full_name: 'Operator' }, 201);
  const first = dataOf<{ user: { id: string } }>(await post('login', { username, password }, 200));
  const roles = ['user', 'admin'];
  const { outcome } = await setRoles(store, { uid: first.user.id, roles, actor: 'faults' });
  if (outcome !== 'changed') throw new Error(`the operator's roles were not set: ${outcome}`);
  const { access_token: token } = dataOf<{ access_token: string }>(
    await post('login', { username, password }, 200),
  );
  lane.close();
  const headers = { Authorization: `Bearer ${token}` };
  return {
    ask: (on, method, path, body) => on.send(httpRequest(method, `/api/admin${path}`, headers, body)),
  };
}
