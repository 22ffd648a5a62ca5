import type { Stack } from '../../../services/stack/stack.ts';
import type { BenchContext, Row } from '../bench-context.ts';
import { conditions } from '../conditions.ts';
import { runClosedLoops } from '../load/closed-loops.ts';
import { httpRequest, openHttp, type HttpConnection } from '../load/http-connection.ts';
import { measureInTurns, type Contender, type Group } from '../measurement.ts';
import { startBareFastify } from '../systems/bare-fastify.ts';
import { mintSessions } from '../systems/minted-sessions.ts';

const connectionCounts = [1, 16];
const writeAccess = 2;

/** A server that is asked over HTTP, and a check that it grants. */
interface Asked {
  system: string;
  port: number;
  request: Buffer;
}

/** ACL checks that grant a live session, against a bare Fastify route that answers a constant. */
export const checksRow: Row = {
  name: 'checks',
  async measure(context) {
    await using open = new AsyncDisposableStack();
    const servers = await startServers(context, open);
    const groups: Group[] = [];
    for (const count of connectionCounts) {
      const condition = conditions.check(count);
      context.say(condition);
      const contenders: Contender[] = [];
      for (const server of servers) contenders.push(await checkContender(server, count, open));
      groups.push({ row: 'checks', condition, results: await measureInTurns(contenders, context.settings) });
    }
    return groups;
  },
};

async function startServers(context: BenchContext, open: AsyncDisposableStack): Promise<Asked[]> {
  const bare = await startBareFastify();
  open.defer(bare.stop);
  const asked: Asked[] = [];
  for (const { system, stack } of await context.products()) {
    asked.push({ system, port: stack.ports.webhook, request: await grantedCheck(stack) });
  }
  const request = asked[0]?.request ?? Buffer.alloc(0);
  return [{ system: 'bare Fastify', port: bare.port, request }, ...asked];
}

/** The request of a broker whose client, in a live session, publishes where the default rules let it. */
async function grantedCheck(stack: Stack): Promise<Buffer> {
  const [[session] = []] = await mintSessions(stack, { accounts: 1, sessionsEach: 1 });
  if (!session) throw new TypeError('there is no session');
  const { username, sid } = session;
  const body = { acc: writeAccess, clientid: `${sid}-check`, topic: `users/${username}/bench`, username };
  return httpRequest('POST', '/acl', { 'X-Bednet-Key': stack.secrets.brokerKey }, body);
}

async function checkContender(
  { system, port, request }: Asked,
  count: number,
  open: AsyncDisposableStack,
): Promise<Contender> {
  const connections = await Promise.all(Array.from({ length: count }, () => openHttp(port)));
  open.defer(() => connections.forEach((connection) => connection.close()));
  const operations = connections.map((connection) => () => check(connection, request));
  return { system, measure: (limits) => runClosedLoops(operations, limits) };
}

async function check(connection: HttpConnection, request: Buffer): Promise<string | undefined> {
  const { status, body } = await connection.send(request);
  return status === 200 && body.startsWith('{"Ok":true') ? undefined : `${status} ${body}`;
}
