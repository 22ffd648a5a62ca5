import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { isShortId } from '../core/groups/groups.ts';
import { parseLabel } from './arguments.ts';
import * as groups from './commands/groups.ts';
import { leaf, type JsonOption } from './leaf-command.ts';
import { operand } from './operands.ts';
import type { Runner } from './program.ts';

/** Adds the commands about groups of accounts. */
export function addGroupCommands(parent: Command, { withStore }: Runner): void {
  leaf(parent, 'create', 'create a group of accounts')
    .addArgument(groupArgument())
    .addOption(new Option('--name <text>', 'what people call it').argParser(parseLabel))
    .addOption(new Option('--description <text>', 'what it is for').argParser(parseLabel))
    .addOption(new Option('--parent <id>', 'the group above it').argParser(parseShortId))
    .option('--alert', 'it is meant for alerts')
    .action((id: string, options: JsonOption & groups.NewGroupOptions) =>
      withStore(options, (context) => groups.create(context, id, options)),
    );
  leaf(parent, 'list', 'all groups').action((options: JsonOption) => withStore(options, groups.listAll));
  leaf(parent, 'delete', 'delete a group that has none below it')
    .addArgument(groupArgument())
    .action((id: string, options: JsonOption) => withStore(options, (context) => groups.remove(context, id)));
}

function groupArgument(): Argument {
  return new Argument('<id>', 'group id').argParser(parseShortId);
}

function parseShortId(text: string): string {
  if (isShortId(operand(text))) return text;
  throw new InvalidArgumentError('It has 1 to 32 characters out of A-Z a-z 0-9 _ -');
}
