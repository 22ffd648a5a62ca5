import type { BenchContext, Row } from '../bench-context.ts';
import { runClosedLoops } from '../load/closed-loops.ts';
import { httpRequest, openHttp } from '../load/http-connection.ts';
import { measureInTurns, type Contender, type Group } from '../measurement.ts';
import { durableWriteContender } from '../systems/durable-write.ts';
import { registerAccount, signIn } from '../systems/sign-in.ts';

const sessionCounts = [1, 16];

/** Renewals over HTTP, each rotating the token that the last one gave, against one durable write in the same Redis. */
export const refreshRow: Row = {
  name: 'refresh',
  async measure(context) {
    const groups: Group[] = [];
    for (const count of sessionCounts) {
      await using open = new AsyncDisposableStack();
      const condition = `refresh, ${count} session${count > 1 ? 's' : ''} at once`;
      context.say(condition);
      const contenders = [
        await durableWriteContender(context.benchRedisUrl, count, open),
        await refreshContender(context, count, open),
      ];
      groups.push({ row: 'refresh', condition, results: await measureInTurns(contenders, context.settings) });
    }
    return groups;
  },
};

async function refreshContender(
  { stack }: BenchContext,
  count: number,
  open: AsyncDisposableStack,
): Promise<Contender> {
  const account = await registerAccount(stack.ports.session);
  const operations: (() => Promise<string | undefined>)[] = [];
  while (operations.length < count) {
    const { renewalToken } = await signIn(stack.ports.session, account);
    const connection = await openHttp(stack.ports.session);
    open.defer(() => connection.close());
    let token = renewalToken;
    operations.push(async () => {
      const request = httpRequest('POST', '/api/auth/refresh', {}, { refresh_token: token });
      const { status, body } = await connection.send(request);
      if (status !== 200) return `${status} ${body}`;
      token = (JSON.parse(body) as { data: { refresh_token: string } }).data.refresh_token;
      return undefined;
    });
  }
  return { system: 'session service', measure: (limits) => runClosedLoops(operations, limits) };
}
