import t from 'tap';
import { countRunning, processesOf, stackCommands } from '../support/stack-command.ts';

t.test('up returns when all is healthy, two at once start one stack, and down leaves nothing', async (t) => {
  const stack = stackCommands(t);

  const both = await Promise.all([stack.run('up'), stack.run('up')]);
  const [up, other] = both[0].stdout.includes('already') ? [both[1], both[0]] : both;
  const state = stack.state();
  t.match(other, { code: 0, stderr: '', stdout: /^Bednet is already up\./ });
  t.match(up, { code: 0, stderr: '', stdout: /^Bednet is up\.[^]*make demo/ });
  t.match(
    up.stdout,
    new RegExp(`http://localhost:${state.ports.session}\n[^]*mqtt://localhost:${state.ports.mqtt}\\n`),
  );
  t.match(up.stdout, /^ {2}mails +\S+\/mail {2}\(set SMTP_URL to send them\)$/m);
  t.equal((await fetch(`http://127.0.0.1:${state.ports.session}/health`)).status, 200);
  t.equal((await fetch(`http://127.0.0.1:${state.ports.webhook}/health`)).status, 200);

  const again = await stack.run('up');
  t.match(again, { code: 0, stdout: /^Bednet is already up\./ });
  t.same(stack.state(), state, 'the same processes go on');

  const status = await stack.run('status');
  t.equal(status.code, 0, status.stdout);
  for (const part of ['redis', 'webhook', 'session', 'mosquitto']) {
    t.match(status.stdout, new RegExp(`^${part} +healthy +\\d+ +127\\.0\\.0\\.1:\\d+`, 'm'));
  }
  t.match(await stack.run('logs'), { code: 0, stdout: /^redis     \| .*Ready to accept[^]*^stack     \| /m });

  t.match(await stack.run('down'), { code: 0, stdout: 'Bednet is down.\n' });
  t.equal(countRunning(processesOf(state)), 0);
  t.match(await stack.run('status'), { code: 1, stdout: /not up/ });
  t.match(await stack.run('down'), { code: 0, stdout: /nothing to do/ });
});
