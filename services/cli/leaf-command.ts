import { Argument, Command, Option } from 'commander';
import { parseReason } from './arguments.ts';
import { operand } from './operands.ts';

/** The option that every command has. */
export interface JsonOption {
  json?: true;
}

/** A command that does something, with `--json`. */
export function leaf(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description).option('--json', 'answer as JSON');
}

/** A command that changes something, with `--json` and `--reason`. */
export function change(parent: Command, name: string, description: string, reason: string): Command {
  const option = new Option('--reason <text>', 'stored with the change, shown by explain');
  return leaf(parent, name, description).addOption(option.argParser(parseReason).default(reason));
}

/** An account by any of its names. */
export function accountArgument(): Argument {
  return new Argument('<account>', 'username, e-mail address or uid').argParser(operand);
}

/** Of a command that asks before it destroys something. */
export function yesOption(): Option {
  return new Option('-y, --yes', "don't ask on a terminal");
}
