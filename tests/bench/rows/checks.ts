import type { BenchContext, Row } from '../bench-context.ts';
import { runClosedLoops } from '../load/closed-loops.ts';
import { httpRequest, openHttp, type HttpConnection } from '../load/http-connection.ts';
import { measureInTurns, type Contender, type Group } from '../measurement.ts';
import { startBareFastify } from '../systems/bare-fastify.ts';
import { registerAccount, signIn } from '../systems/sign-in.ts';

const connectionCounts = [1, 16];
const writeAccess = 2;

/** ACL checks that grant a live session, against a bare Fastify route that answers a constant. */
export const checksRow: Row = {
  name: 'checks',
  async measure(context) {
    await using open = new AsyncDisposableStack();
    const bare = await startBareFastify();
    open.defer(bare.stop);
    const request = await grantedCheck(context);
    const groups: Group[] = [];
    for (const count of connectionCounts) {
      const condition = `webhook check, ${count} connection${count > 1 ? 's' : ''}`;
      context.say(condition);
      const contenders = [
        await checkContender('bare Fastify', bare.port, { count, request, open }),
        await checkContender('webhook service', context.stack.ports.webhook, { count, request, open }),
      ];
      groups.push({ row: 'checks', condition, results: await measureInTurns(contenders, context.settings) });
    }
    return groups;
  },
};

/** The request of a broker whose client, in a live session, publishes where the default rules let it. */
async function grantedCheck({ stack }: BenchContext): Promise<Buffer> {
  const { username, sid } = await signIn(stack.ports.session, await registerAccount(stack.ports.session));
  const body = { acc: writeAccess, clientid: `${sid}-check`, topic: `users/${username}/bench`, username };
  return httpRequest('POST', '/acl', { 'X-Bednet-Key': stack.secrets.brokerKey }, body);
}

async function checkContender(
  system: string,
  port: number,
  load: { count: number; request: Buffer; open: AsyncDisposableStack },
): Promise<Contender> {
  const connections = await Promise.all(Array.from({ length: load.count }, () => openHttp(port)));
  load.open.defer(() => connections.forEach((connection) => connection.close()));
  const operations = connections.map((connection) => () => check(connection, load.request));
  return { system, measure: (limits) => runClosedLoops(operations, limits) };
}

async function check(connection: HttpConnection, request: Buffer): Promise<string | undefined> {
  const { status, body } = await connection.send(request);
  return status === 200 && body.startsWith('{"Ok":true') ? undefined : `${status} ${body}`;
}
