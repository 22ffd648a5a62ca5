import { availableParallelism } from 'node:os';
import type { BenchContext, Row } from '../bench-context.ts';
import { runClosedLoops } from '../load/closed-loops.ts';
import { httpRequest, openHttp } from '../load/http-connection.ts';
import { measureInTurns, type Contender } from '../measurement.ts';
import { startArgon2 } from '../systems/argon2.ts';
import { registerAccount } from '../systems/sign-in.ts';

/** Enough that no account reaches its limit of sessions, whose oldest one would then be ended too. */
const accountCount = 40;

/** A login takes long, so a round does too. */
const roundStretch = 2;

/** Logins over HTTP against the machine's ceiling: as many argon2 checks at once as cores, and nothing else. */
export const loginsRow: Row = {
  name: 'logins',
  async measure(context) {
    const { settings } = context;
    await using open = new AsyncDisposableStack();
    const ceiling = await startArgon2();
    open.defer(ceiling.stop);
    const cores = availableParallelism();
    const condition = `login, ${cores} at once`;
    context.say(condition);
    const contenders = [
      { system: 'argon2 alone', measure: ceiling.measure },
      await loginContender(context, cores, open),
    ];
    const durationMs = settings.durationMs * roundStretch;
    const results = await measureInTurns(contenders, { ...settings, durationMs });
    return [{ row: 'logins', condition, results }];
  },
};

async function loginContender(
  { stack }: BenchContext,
  connectionCount: number,
  open: AsyncDisposableStack,
): Promise<Contender> {
  const requests: Buffer[] = [];
  while (requests.length < accountCount) {
    requests.push(httpRequest('POST', '/api/auth/login', {}, await registerAccount(stack.ports.session)));
  }
  let next = 0;
  const operations: (() => Promise<string | undefined>)[] = [];
  while (operations.length < connectionCount) {
    const connection = await openHttp(stack.ports.session);
    open.defer(() => connection.close());
    operations.push(async () => {
      const { status, body } = await connection.send(requests[next++ % requests.length] as Buffer);
      return status === 200 ? undefined : `${status} ${body}`;
    });
  }
  return { system: 'session service', measure: (limits) => runClosedLoops(operations, limits) };
}
