import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { clientPermissions, isClientId, type ClientPermission } from '../core/oauth/clients.ts';
import { parseLabel, parseOverlap } from './arguments.ts';
import * as clients from './commands/oauth-clients.ts';
import { leaf, yesOption, type JsonOption } from './leaf-command.ts';
import { operand } from './operands.ts';
import type { Runner } from './program.ts';

/** Adds the commands about services that may ask about tokens. */
export function addOauthClientCommands(parent: Command, { withStore }: Runner): void {
  leaf(parent, 'create', 'create a client; prints its secret, which nobody can read again')
    .addArgument(clientArgument())
    .addOption(new Option('--label <text>', 'what people call it').argParser(parseLabel))
    .addOption(
      new Option(
        '--allow <permission>',
        `${clientPermissions.join(' or ')}; may be repeated (default: all)`,
      ).argParser(parsePermission),
    )
    .action((id: string, options: JsonOption & clients.NewClientOptions) =>
      withStore(options, (context) => clients.create(context, id, options)),
    );
  leaf(parent, 'list', 'all clients').action((options: JsonOption) => withStore(options, clients.listAll));
  leaf(parent, 'rotate-secret', 'give a client a new secret; prints it, nobody can read it again')
    .addArgument(clientArgument())
    .addOption(
      new Option('--overlap <time>', 'how long the old secret still works')
        .argParser(parseOverlap)
        .default(clients.defaultOverlapSeconds, '24h'),
    )
    .addOption(yesOption())
    .action((id: string, options: JsonOption & clients.RotationOptions) =>
      withStore(options, (context) => clients.rotateSecret(context, id, options)),
    );
  leaf(parent, 'delete', 'delete a client; its next request is refused')
    .addArgument(clientArgument())
    .addOption(yesOption())
    .action((id: string, options: JsonOption & { yes?: true }) =>
      withStore(options, (context) => clients.remove(context, id, options)),
    );
}

function clientArgument(): Argument {
  return new Argument('<id>', 'client id').argParser(parseClientId);
}

function parseClientId(text: string): string {
  const id = operand(text);
  if (isClientId(id)) return id;
  throw new InvalidArgumentError('It has 1 to 64 characters out of A-Z a-z 0-9 _ -');
}

function parsePermission(text: string, earlier: readonly ClientPermission[] = []): ClientPermission[] {
  const permission = clientPermissions.find((name) => name === text);
  if (permission) return [...earlier, permission];
  throw new InvalidArgumentError(`It is ${clientPermissions.join(' or ')}.`);
}
