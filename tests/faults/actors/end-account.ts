import { setTimeout as delay } from 'node:timers/promises';
import { httpRequest, type HttpAnswer } from '../../bench/load/http-connection.ts';
import { settle } from '../history/history.ts';
import { newPassword, signIn } from './accounts.ts';
import { outcomeOf } from './ask.ts';
import { end, warmUpMs, type Tools } from './end.ts';
import type { Lane } from './lane.ts';
import { beginEnding, whileHot, type Account, type Session, type World } from './world.ts';

/** Ends all sessions of the account of a session, in one of the ways that there are. One at a time for each account. */
export async function endAccount(tools: Tools, session: Session): Promise<void> {
  const { account } = session;
  if (account.isBusy) return;
  account.isBusy = true;
  await tools.random.pick(ways)(tools, session);
  account.isBusy = false;
}

const ways: readonly ((tools: Tools, session: Session) => Promise<void>)[] = [
  endOthers,
  endAllByOperator,
  changePassword,
  disableAndEnable,
];

async function endOthers({ world, lane, random }: Tools, session: Session): Promise<void> {
  const { account } = session;
  await whileHot(world, session, async () => {
    await delay(random.between(...warmUpMs));
    const headers = { Authorization: `Bearer ${account.anchor?.password}` };
    const call = () => lane.send(httpRequest('POST', '/api/auth/sessions/terminate-others', headers));
    await end({ world }, { name: 'end all other sessions', of: account, call });
  });
}

async function endAllByOperator({ world, lane, operator, random }: Tools, session: Session): Promise<void> {
  const { account } = session;
  await whileHot(world, session, async () => {
    await delay(random.between(...warmUpMs));
    const call = () => operator.ask(lane, 'POST', `/accounts/${account.uid}/end-sessions`);
    await end({ world }, { name: 'end all sessions as operator', of: account, call });
  });
  await anchorAgain(world, lane, account);
}

/** A new password ends all other sessions, and the old one opens nothing any more. */
async function changePassword({ world, lane }: Tools, session: Session): Promise<void> {
  const { account } = session;
  const next = newPassword();
  const body = { current_password: account.password, new_password: next };
  const headers = { Authorization: `Bearer ${account.anchor?.password}` };
  const old = beginEnding(world, [account.passwordRegister], 'change of password');
  let answer: HttpAnswer | undefined;
  const call = async () =>
    (answer = await lane.send(httpRequest('POST', '/api/auth/change-password', headers, body)));
  await whileHot(world, session, () => end({ world }, { name: 'change of password', of: account, call }));
  if (answer?.status !== 200) return retire(world, account);
  old.done();
  await signIn(world, lane, account); // With the old password.
  account.passwordRegister = world.history.addRegister(`next password of ${account.username}`);
  account.credential = world.history.addCredential(`the next password of ${account.username}`, [
    account.state,
    account.passwordRegister,
  ]);
  account.password = next;
  await anchorAgain(world, lane, account);
}

async function disableAndEnable({ world, lane, operator, random }: Tools, session: Session): Promise<void> {
  const { account } = session;
  const path = `/accounts/${account.uid}`;
  await whileHot(world, session, async () => {
    await delay(random.between(...warmUpMs));
    const state = beginEnding(world, [account.state], 'disable account');
    const call = () => operator.ask(lane, 'POST', `${path}/disable`, {});
    if (!(await end({ world }, { name: 'disable account', of: account, call }))) return;
    state.done();
    await signIn(world, lane, account);
  });
  const startMs = performance.now();
  const enabling = world.history.addChange(account.state, { allows: true, startMs, label: 'enable account' });
  const answer = await operator.ask(lane, 'POST', `${path}/enable`, {});
  if (outcomeOf(answer?.status) !== 'granted') return retire(world, account);
  settle(enabling, performance.now());
  await anchorAgain(world, lane, account);
}

/** The session by whose token others are ended is no victim. */
async function anchorAgain(world: World, lane: Lane, account: Account): Promise<void> {
  const anchor = await signIn(world, lane, account);
  if (anchor === undefined) return retire(world, account);
  account.sessions.delete(anchor);
  account.anchor = anchor;
}

/** Nobody signs in there any more; who keeps the accounts adds another one. */
function retire(world: World, account: Account): void {
  const index = world.accounts.indexOf(account);
  if (index >= 0) world.accounts.splice(index, 1);
}
