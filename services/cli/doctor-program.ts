import type { Command } from 'commander';
import { leaf, type JsonOption } from './leaf-command.ts';
import type { Runner } from './program.ts';

/** `bednet doctor`; loaded when it is called, for no other command needs MQTT. */
export function addDoctor(program: Command, { alone }: Runner): void {
  leaf(program, 'doctor', 'look at keys, Redis, services and broker; say what to change')
    .addHelpText(
      'after',
      '\nIt looks at the ports of the stack in RUN_DIR, else at SESSION_PORT, WEBHOOK_PORT, MQTT_PORT.',
    )
    .action((options: JsonOption) =>
      alone(options, async () => (await import('./commands/doctor.ts')).examine(process.env)),
    );
}
