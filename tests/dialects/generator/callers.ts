import { requirePasswordChange } from '../../../services/core/accounts/require-password-change.ts';
import { giveRoles } from '../../support/admins.ts';
import { addDevice } from '../../support/devices.ts';
import { expectStatus, type Person, type SessionStage } from '../../support/session-service.ts';
import type { Caller } from './explore.ts';
import type { WireRequest } from './requests.ts';
import type { TimedAnswer } from './send.ts';
import type { Hints } from './values.ts';

/** What the clients of one dialect know beside what all know. */
export type KnowledgeOf = (stage: SessionStage, person: Person) => Promise<Hints>;

/** Makes a caller with accounts, sessions and a device of its own. */
export type MakeCaller = (stage: SessionStage, knowledgeOf?: KnowledgeOf) => Promise<Caller>;

const stranger: MakeCaller = async (stage, knowledgeOf) => ({
  ...(await makeUser(stage, knowledgeOf)),
  name: 'a stranger',
  tokens: [],
});
const user: MakeCaller = async (stage, knowledgeOf) => makeUser(stage, knowledgeOf);
const admin: MakeCaller = async (stage, knowledgeOf) => ({
  ...(await makeUser(stage, knowledgeOf, ['user', 'admin'])),
  name: 'an admin',
});

/** Everybody in whose name a document is explored. */
export const callers = [stranger, user, admin];

async function makeUser(stage: SessionStage, knowledgeOf?: KnowledgeOf, roles?: string[]): Promise<Caller> {
  const { person, ...tokens } = await stage.signInSomebody();
  const uid = tokens.user.id;
  if (roles) await giveRoles(stage.store, uid, roles);
  const other = await stage.signInSomebody();
  const { id: device } = await addDevice(stage.store);
  const known = {
    ...namesOf(person),
    ...tokenHints(tokens.access_token, tokens.refresh_token, await beginSignIn(stage)),
    uid: [other.user.id, uid],
    sid: [other.session_id],
    id: [other.session_id, other.user.id, device],
    role: ['user', 'admin'],
    roles: ['user', 'admin', 'device'],
    version: ['0'],
    ...(await knowledgeOf?.(stage, person)),
  };
  return { name: 'a user', tokens: [tokens.access_token], hints: known };
}

function namesOf({ username, email, password }: Person): Hints {
  const newPassword = [`another ${password}`];
  return {
    ...{ username: [username], email: [email], login: [username] },
    ...{ password: [password], current_password: [password], currentPassword: [password] },
    ...{ new_password: newPassword, newPassword },
  };
}

function tokenHints(access: string, renewal: string, temporary: string): Hints {
  return {
    ...{ refresh_token: [renewal], refreshToken: [renewal], token: [access, renewal] },
    ...{ temp_token: [temporary], tempToken: [temporary] },
  };
}

/** The temp token of a sign-in that waits for a new password. */
async function beginSignIn({ ask, register, store, signIn }: SessionStage): Promise<string> {
  const person = await register();
  const { username, password } = person;
  await requirePasswordChange(store, { uid: (await signIn(person)).user.id, actor: 'test' });
  const answer = await ask('POST', '/api/auth/login', { body: { username, password } });
  return expectStatus(answer, 200).body.data.temp_token;
}

/** Sends as `caller`; one who was signed out by a request goes on with the token of a new account. */
export function keepSignedIn(
  stage: SessionStage,
  { caller, make }: { caller: Caller; make: MakeCaller },
  send: (request: WireRequest) => Promise<TimedAnswer>,
) {
  const [first] = caller.tokens;
  let current = first;
  return async (request: WireRequest): Promise<TimedAnswer> => {
    const isOwn = first !== undefined && request.headers['authorization'] === `Bearer ${first}`;
    if (!isOwn) return send(request);
    const headers = { ...request.headers, authorization: `Bearer ${current}` };
    const answer = await send({ ...request, headers });
    if ([401, 403].includes(answer.status) && !(await isGood(stage, current))) {
      [current] = (await make(stage)).tokens;
    }
    return answer;
  };
}

async function isGood({ ask }: SessionStage, token: string | undefined): Promise<boolean> {
  return (await ask('GET', '/api/auth/me', { token })).status === 200;
}
