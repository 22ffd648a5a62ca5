import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { usedSecrets } from '../support/secret-watch.ts';
import { startTestStack } from '../support/stack.ts';

/** The arguments of each process that this one has started, and of theirs, as everybody on the machine can read them. */
function argumentsOfChildren(): Map<number, string> {
  const found = new Map<number, string>();
  const parents = new Map(processIds().map((pid) => [pid, parentOf(pid)]));
  const isOurs = (pid: number): boolean =>
    pid !== 0 && (parents.get(pid) === process.pid || isOurs(parents.get(pid) ?? 0));
  for (const pid of parents.keys()) if (isOurs(pid)) found.set(pid, read(`/proc/${pid}/cmdline`));
  return found;
}

const processIds = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
const parentOf = (pid: number) => Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);

/** A process may be gone by the time that it is read. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

t.test('no process of a stack has a secret in its arguments', async (t) => {
  const stack = await startTestStack(t);

  const found = argumentsOfChildren();

  for (const { name, pid } of stack.parts) t.ok(found.get(pid ?? 0), `${name} is looked at`);
  for (const [pid, line] of found)
    t.same(usedSecrets.find(line), [], `${pid}: ${line.replaceAll('\0', ' ')}`);
});
