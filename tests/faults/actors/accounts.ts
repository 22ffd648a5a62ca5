import { randomBytes } from 'node:crypto';
import { httpRequest } from '../../bench/load/http-connection.ts';
import { settle } from '../history/history.ts';
import { outcomeOf } from './ask.ts';
import { dataOf, type Lane } from './lane.ts';
import { count, type Account, type Session, type World } from './world.ts';

interface SignInData {
  access_token: string;
  refresh_token: string;
  session_id: string;
  user: { id: string };
}

/** Registers a new account and signs it in for the first time; undefined if either fails. */
export async function addAccount(world: World, lane: Lane): Promise<Account | undefined> {
  const { history } = world;
  const username = `f${randomBytes(6).toString('hex')}`;
  const password = newPassword();
  const body = { username, password, email: `${username}@example.org`, full_name: 'Some Body' };
  const registered = await lane.send(httpRequest('POST', '/api/auth/register', {}, body));
  if (registered?.status !== 201) return undefined;
  const answer = await lane.send(httpRequest('POST', '/api/auth/login', {}, { username, password }));
  if (answer?.status !== 200) return undefined;
  const state = history.addRegister(`account ${username}`);
  const passwordRegister = history.addRegister(`first password of ${username}`);
  const account: Account = {
    ...{ username, password, state, passwordRegister },
    everything: history.addRegister(`all sessions of ${username}`),
    uid: dataOf<SignInData>(answer).user.id,
    credential: history.addCredential(`the password of ${username}`, [state, passwordRegister]),
    anchor: undefined,
    sessions: new Set(),
    isBusy: false,
  };
  account.anchor = await signIn(world, lane, account);
  if (account.anchor === undefined) return undefined;
  account.sessions.delete(account.anchor);
  world.accounts.push(account);
  return account;
}

/** Signs in once; undefined if that fails. */
export async function signIn(world: World, lane: Lane, account: Account): Promise<Session | undefined> {
  const { history } = world;
  const { username, password, credential } = account;
  const request = httpRequest('POST', '/api/auth/login', {}, { username, password });
  const startMs = performance.now();
  const answer = await lane.send(request);
  const endMs = performance.now();
  // A call that ends all sessions while this one begins may end it as well, and one of unknown fate still may.
  const wides =
    history.registers[account.everything]?.changes.filter((change) => change.endMs >= startMs) ?? [];
  const asked = outcomeOf(answer?.status);
  const outcome = asked === 'denied' && wides.length > 0 ? 'unknown' : asked;
  const note = String(answer?.status ?? 'no answer');
  history.checks.add({ kind: 'sign-in', credential, outcome, startMs, endMs, note });
  if (answer === undefined || outcome !== 'granted') return undefined;
  count(world, 'sign-ins');
  const session = toSession(world, account, dataOf<SignInData>(answer));
  settle(history.addChange(session.register, { allows: true, startMs, label: 'sign-in' }), endMs);
  for (const { label, ...wide } of wides)
    history.addChange(session.register, { allows: false, startMs: wide.startMs, label });
  account.sessions.add(session);
  return session;
}

/** A password nobody has had. */
export function newPassword(): string {
  return randomBytes(18).toString('base64url');
}

function toSession({ history }: World, account: Account, data: SignInData): Session {
  const sid = data.session_id;
  const register = history.addRegister(`session ${sid.slice(0, 8)}`);
  return {
    ...{ sid, register, account },
    credential: history.addCredential(`session ${sid.slice(0, 8)}`, [register]),
    username: account.username,
    clientId: sid,
    separator: '-',
    password: data.access_token,
    renewalToken: data.refresh_token,
    firstTryMs: undefined,
    parent: undefined,
    ...{ endedMs: Infinity, hasClient: false, lostGeneration: undefined, isBusy: false },
  };
}
