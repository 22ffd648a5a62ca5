import { Argument, Command, Option } from 'commander';
import { parseDeviceId, parseLabel, parseOverlap, parseRole } from './arguments.ts';
import * as devices from './commands/devices.ts';
import { change, leaf, yesOption, type JsonOption } from './leaf-command.ts';
import { operand } from './operands.ts';
import type { Runner } from './program.ts';

type ChangeOptions = JsonOption & devices.ChangeOptions;

/** Adds the commands about devices. */
export function addDeviceCommands(parent: Command, { withStore }: Runner): void {
  leaf(parent, 'create', 'create a device; prints its key, which nobody can read again')
    .addArgument(deviceArgument())
    .addOption(new Option('--label <text>', 'what people call it').argParser(parseLabel))
    .addOption(
      new Option('--owner <account>', 'whose it is; it works on if the account ends').argParser(operand),
    )
    .addOption(new Option('--role <role>', 'role, may be repeated (default: device)').argParser(parseRole))
    .action((id: string, options: JsonOption & devices.NewDeviceOptions) =>
      withStore(options, (context) => devices.create(context, id, options)),
    );
  leaf(parent, 'list', 'all devices').action((options: JsonOption) => withStore(options, devices.listAll));
  leaf(parent, 'show', 'one device, with the client ids that it has connected with')
    .addArgument(deviceArgument())
    .action((id: string, options: JsonOption) => withStore(options, (context) => devices.show(context, id)));
  leaf(parent, 'rotate-key', 'give a device a new key; prints it, nobody can read it again')
    .addArgument(deviceArgument())
    .addOption(
      new Option('--overlap <time>', 'how long the old key still works; 0 also closes its connections')
        .argParser(parseOverlap)
        .default(devices.defaultOverlapSeconds, '24h'),
    )
    .addOption(yesOption())
    .action((id: string, options: JsonOption & devices.RotationOptions) =>
      withStore(options, (context) => devices.rotateKey(context, id, options)),
    );
  addStateCommands(parent, { withStore });
}

function addStateCommands(parent: Command, { withStore }: Pick<Runner, 'withStore'>): void {
  change(parent, 'disable', 'deny a device everything; counts at the next check', 'device-disabled')
    .addArgument(deviceArgument())
    .addOption(yesOption())
    .action((id: string, options: ChangeOptions) =>
      withStore(options, (context) => devices.disable(context, id, options)),
    );
  change(parent, 'enable', 'let a device in again, with the key that it has', 'device-enabled')
    .addArgument(deviceArgument())
    .action((id: string, options: ChangeOptions) =>
      withStore(options, (context) => devices.enable(context, id, options)),
    );
  change(parent, 'delete', 'delete a device and its key for good', 'device-deleted')
    .addArgument(deviceArgument())
    .addOption(yesOption())
    .action((id: string, options: ChangeOptions) =>
      withStore(options, (context) => devices.remove(context, id, options)),
    );
}

function deviceArgument(): Argument {
  return new Argument('<id>', 'device id').argParser(parseDeviceId);
}
