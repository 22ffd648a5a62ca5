import { Argument, Option, type Command } from 'commander';
import { parseSid } from './arguments.ts';
import { listConnected } from './commands/clients.ts';
import { endAll } from './commands/end-all.ts';
import * as sessions from './commands/sessions.ts';
import { accountArgument, change, leaf, yesOption, type JsonOption } from './leaf-command.ts';
import { operand } from './operands.ts';
import type { Runner } from './program.ts';

type ChangeOptions = JsonOption & Parameters<typeof sessions.revoke>[2];

/** Adds the commands about sessions. */
export function addSessionCommands(parent: Command, { withStore }: Runner): void {
  leaf(parent, 'list', 'the live sessions of an account')
    .addArgument(accountArgument())
    .action((account: string, options: JsonOption) =>
      withStore(options, (context) => sessions.listLive(context, account)),
    );
  change(
    parent,
    'revoke',
    'end a session, or all of an account; counts at the next check',
    'revoked-by-operator',
  )
    .addArgument(new Argument('[sid]').argParser(parseSid))
    .addOption(new Option('--all <account>', 'all sessions of this account').argParser(operand))
    .addOption(yesOption())
    .action((sid: string | undefined, options: ChangeOptions & { all?: string }, command: Command) => {
      const target = sessions.targetOf(sid, options.all);
      if (!target) return command.error('say which session, or --all and which account', { exitCode: 2 });
      return withStore(options, (context) => sessions.revoke(context, target, options));
    });
  change(parent, 'end-all', "end everybody's sessions; everybody signs in anew", 'everybody-ended')
    .addOption(yesOption())
    .action((options: ChangeOptions) => withStore(options, (context) => endAll(context, options)));
}

/** Adds the commands about MQTT clients. */
export function addClientCommands(parent: Command, { withStore }: Runner): void {
  leaf(parent, 'list', 'MQTT clients of all sessions and devices, with the time of their CONNECT').action(
    (options: JsonOption) => withStore(options, listConnected),
  );
}
