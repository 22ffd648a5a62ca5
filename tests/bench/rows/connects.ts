import type { Row } from '../bench-context.ts';
import { runClosedLoops } from '../load/closed-loops.ts';
import { connectAndLeave } from '../load/connector.ts';
import { measureInTurns } from '../measurement.ts';
import { startBrokers } from '../systems/broker-contenders.ts';
import { nginxProgram } from '../systems/nginx.ts';
import { mqttIdentity, registerAccount, signIn } from '../systems/sign-in.ts';

const connectionCount = 8;

/** So that all rounds of a run find free ports on the client's side. */
const mostConnectsPerRound = 4_000;

/** TCP connect → CONNACK, with a real access token as password. */
export const connectsRow: Row = {
  name: 'connects',
  programs: nginxProgram,
  async measure(context) {
    const { stack, settings } = context;
    await using open = new AsyncDisposableStack();
    const brokers = await startBrokers(context, 'connects', open);
    const session = await signIn(stack.ports.session, await registerAccount(stack.ports.session));
    const identities = Array.from({ length: connectionCount }, (_, n) =>
      mqttIdentity(session, `connect-${n}`),
    );
    const condition = `connect, ${connectionCount} at once`;
    context.say(condition);
    const contenders = brokers.map(({ system, port }) => {
      const operations = identities.map((identity) => connectAndLeave(port, identity));
      return { system, measure: runClosedLoops.bind(undefined, operations) };
    });
    const results = await measureInTurns(contenders, { ...settings, maxCount: mostConnectsPerRound });
    return [{ row: 'connects', condition, results }];
  },
};
