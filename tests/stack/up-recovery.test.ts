import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { isRunning } from '../../services/stack/process-identity.ts';
import { countRunning, processesOf, stackCommands } from '../support/stack-command.ts';
import { until } from '../support/until.ts';

const stack = stackCommands(t);
await stack.run('up');

t.test('a part that is killed is reported at once, and the next up starts anew', async (t) => {
  const before = stack.state();
  const webhook = before.parts.find((part) => part.name === 'webhook')?.process;
  if (!webhook) throw new Error('the webhook service is not recorded');

  process.kill(webhook.pid, 'SIGKILL');
  const log = join(stack.runDir, 'log', 'stack.log');
  await until(() => / dead: webhook was ended by SIGKILL/.test(readFileSync(log, 'utf8')));

  const status = await stack.run('status');
  t.equal(status.code, 1);
  t.match(status.stdout, /^webhook +dead[^]*! webhook was ended by SIGKILL.* \(log: .*webhook\.log\)$/m);
  t.match(status.stdout, /^redis +healthy/m);

  t.match(await stack.run('up'), { code: 0, stdout: /^Bednet is up\./ });
  t.equal(countRunning(processesOf(before)), 0);
  t.equal((await stack.run('status')).code, 0);
});

t.test('after the supervisor was killed its parts end, and the next up clears what did not', async (t) => {
  const { supervisor, parts } = stack.state();
  const processOf = (name: string) => parts.find((part) => part.name === name)?.process ?? supervisor;
  process.kill(processOf('redis').pid, 'SIGSTOP');

  process.kill(supervisor.pid, 'SIGKILL');
  await until(() => !isRunning(processOf('session')) && !isRunning(processOf('mosquitto')));
  t.ok(isRunning(processOf('redis')), 'a frozen one is left');
  t.match(await stack.run('status'), { code: 1, stdout: /supervisor is gone/ });

  t.match(await stack.run('up'), { code: 0, stdout: /^Bednet is up\./ });
  t.notOk(isRunning(processOf('redis')));
  t.equal((await stack.run('status')).code, 0);
});
