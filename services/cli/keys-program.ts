import { Argument, Option, type Command } from 'commander';
import { signingAlgorithms } from '../core/tokens/jwk.ts';
import { parseOverlap } from './arguments.ts';
import * as keys from './commands/keys.ts';
import { leaf, yesOption, type JsonOption } from './leaf-command.ts';
import { operand } from './operands.ts';
import type { Runner } from './program.ts';

/** Adds the commands about the keys that tokens are signed with. */
export function addKeyCommands(parent: Command, { withStore }: Runner): void {
  family(leaf(parent, 'list', 'the keys, and which services have loaded them')).action(
    (options: JsonOption & keys.FamilyOption) => withStore(options, (context) => keys.list(context, options)),
  );
  family(leaf(parent, 'add', 'add a key that makes no tokens yet; returns once every service knows it'))
    .addOption(algorithmOption())
    .action((options: JsonOption & keys.NewKeyOptions) =>
      withStore(options, (context) => keys.add(context, options)),
    );
  family(leaf(parent, 'promote', 'make tokens with an added key from now on'))
    .addArgument(kidArgument())
    .option('--force', 'although a service does not know it yet and would refuse its tokens')
    .action((kid: string | undefined, options: JsonOption & keys.ForceOptions) =>
      withStore(options, (context) => keys.promote(context, kid, options)),
    );
  family(leaf(parent, 'retire', 'remove a key, or all whose tokens have run out'))
    .addArgument(kidArgument())
    .option('--force', 'although tokens of it are in use: they are refused from then on')
    .addOption(yesOption())
    .action((kid: string | undefined, options: JsonOption & keys.ForceOptions) =>
      withStore(options, (context) => keys.retire(context, kid, options)),
    );
  family(
    leaf(parent, 'rotate', 'retire what has lapsed, add a key, and promote it once every service knows it'),
  )
    .addOption(algorithmOption())
    .addOption(
      new Option(
        '--published-for <time>',
        'wait until the key is public for this long, such as 5m',
      ).argParser(parseOverlap),
    )
    .action((options: JsonOption & keys.NewKeyOptions) =>
      withStore(options, (context) => keys.rotate(context, options)),
    );
}

function family(command: Command): Command {
  return command.option('--renewal', 'the keys of renewal tokens instead of access tokens');
}

function algorithmOption(): Option {
  return new Option('--algorithm <name>', 'of a signing key (default: as the key in use)').choices(
    signingAlgorithms,
  );
}

function kidArgument(): Argument {
  return new Argument('[kid]', 'as keys list shows it').argParser(operand);
}
