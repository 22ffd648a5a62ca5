import type { Stack } from '../../../services/stack/stack.ts';
import type { Row } from '../bench-context.ts';
import { conditions } from '../conditions.ts';
import { runClosedLoops } from '../load/closed-loops.ts';
import { connectAndLeave } from '../load/connector.ts';
import type { MqttIdentity } from '../load/mqtt-connection.ts';
import { measureInTurns, type Contender, type Group } from '../measurement.ts';
import { startBrokers, type Broker } from '../systems/broker-contenders.ts';
import { nginxProgram } from '../systems/nginx.ts';
import { mintSessions } from '../systems/minted-sessions.ts';
import { mqttIdentity } from '../systems/sign-in.ts';

const connectionCount = 8;
const tokensEach = 2_000;

/** Each token of the second condition is good for one connect in the whole row; no session may run out of them. */
const mostConnects = 0.8 * connectionCount * tokensEach;

/** TCP connect → CONNACK with a real access token as password: one that was seen before, as at a reconnect, or a new one. */
export const connectsRow: Row = {
  name: 'connects',
  programs: nginxProgram,
  async measure(context) {
    await using open = new AsyncDisposableStack();
    const brokers = await startBrokers(context, { row: 'connects', signIn }, open);
    const groups: Group[] = [];
    for (const [condition, contender] of [
      [conditions.reconnect, reconnecting],
      [conditions.connect, connectingAnew],
    ] as const) {
      context.say(condition);
      const maxCount = Math.floor(mostConnects / (context.settings.rounds + 1));
      const contenders = brokers.map(contender);
      const results = await measureInTurns(contenders, { ...context.settings, maxCount });
      groups.push({ row: 'connects', condition, results });
    }
    return groups;
  },
};

/** Eight sessions of one account, as dynamic security has one password for each username. */
async function signIn(stack: Stack): Promise<MqttIdentity[]> {
  const population = { accounts: 1, sessionsEach: connectionCount, tokensEach };
  const [sessions = []] = await mintSessions(stack, population);
  return sessions.map((session) => mqttIdentity(session, 'connect'));
}

function reconnecting({ system, port, identities }: Broker): Contender {
  const firstOfEach = identities.filter((_, index) => index % tokensEach === 0);
  const operations = firstOfEach.map((identity) => connectAndLeave(port, identity));
  return { system, measure: (limits) => runClosedLoops(operations, limits) };
}

/** One loop for each session, which takes the session's next token. */
function connectingAnew({ system, port, identities }: Broker): Contender {
  const operations = Array.from({ length: connectionCount }, (_, session) => {
    const unused = identities.slice(session * tokensEach + 1, (session + 1) * tokensEach).values();
    return async () => {
      const { value: identity } = unused.next();
      return identity ? connectAndLeave(port, identity)() : 'no token is left';
    };
  });
  return { system, measure: (limits) => runClosedLoops(operations, limits) };
}
