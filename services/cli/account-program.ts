import { Argument, Option, type Command } from 'commander';
import { parseEmail, parseFullName, parseRole, parseUsername } from './arguments.ts';
import * as accounts from './commands/accounts.ts';
import { createAccount } from './commands/create-account.ts';
import * as deleted from './commands/deleted-accounts.ts';
import * as help from './commands/help-account.ts';
import { setRoles } from './commands/set-roles.ts';
import type { CommandContext } from './context.ts';
import { accountArgument, change, leaf, yesOption, type JsonOption } from './leaf-command.ts';
import type { Answer } from './output.ts';
import type { Runner } from './program.ts';

type ChangeOptions = JsonOption & accounts.ChangeOptions;

/** Adds the commands about accounts. */
export function addAccountCommands(parent: Command, runner: Runner): void {
  addCreate(parent, runner);
  addReading(parent, runner);
  addStates(parent, runner);
  addHelp(parent, runner);
}

function addCreate(parent: Command, { withStore }: Runner): void {
  leaf(parent, 'create', 'create an account; asks for its password, or reads it from standard input')
    .addArgument(new Argument('<username>').argParser(parseUsername))
    .addOption(
      new Option('--email <address>', 'e-mail address, good for signing in too').argParser(parseEmail),
    )
    .addOption(new Option('--name <name>', 'full name').argParser(parseFullName))
    .addOption(new Option('--role <role>', 'role, may be repeated (default: user)').argParser(parseRole))
    .action((username: string, options: JsonOption & Parameters<typeof createAccount>[2]) =>
      withStore(options, (context) => createAccount(context, username, options)),
    );
  leaf(parent, 'set-roles', 'give an account these roles and no others; counts at the next check')
    .addArgument(accountArgument())
    .addArgument(new Argument('<role...>').argParser(parseRole))
    .action((account: string, roles: string[], options: JsonOption) =>
      withStore(options, (context) => setRoles(context, account, roles)),
    );
}

function addReading(parent: Command, { withStore }: Runner): void {
  leaf(parent, 'list', 'all accounts, or those that are looked for')
    .option('--search <text>', 'a part of a username, e-mail address or full name')
    .addOption(new Option('--state <state>', 'only these').choices(['active', 'disabled', 'deleted']))
    .action((options: JsonOption & accounts.ListOptions) =>
      withStore(options, (context) => accounts.list(context, options)),
    );
  leaf(parent, 'show', 'one account, by username or uid')
    .addArgument(accountArgument())
    .action((account: string, options: JsonOption) =>
      withStore(options, (context) => accounts.show(context, account)),
    );
}

type Act = (context: CommandContext, account: string, options: accounts.ChangeOptions) => Promise<Answer>;

/** Commands that change the state of an account: what each does, the reason if none is given, and its work. */
const states: [name: string, description: string, reason: string, asks: boolean, act: Act][] = [
  ['disable', 'no more sign-ins; ends all its sessions', 'account-disabled', true, accounts.disable],
  ['enable', 'sign-ins again; ended sessions stay ended', 'account-enabled', false, accounts.enable],
  [
    'delete',
    'delete; ends all its sessions, can be restored for days',
    'account-deleted',
    true,
    deleted.remove,
  ],
  [
    'restore',
    'bring a deleted account back; ended sessions stay ended',
    'account-restored',
    false,
    deleted.restore,
  ],
  ['purge', 'remove a deleted account for good, now', 'account-purged', true, deleted.purge],
];

function addStates(parent: Command, { withStore }: Runner): void {
  for (const [name, description, reason, asks, act] of states) {
    const command = change(parent, name, description, reason).addArgument(accountArgument());
    if (asks) command.addOption(yesOption());
    command.action((account: string, options: ChangeOptions) =>
      withStore(options, (context) => act(context, account, options)),
    );
  }
}

type HelpAct = (context: CommandContext, account: string, options: { yes?: true }) => Promise<Answer>;

const helpActs: [name: string, description: string, asks: boolean, act: HelpAct][] = [
  ['unlock', 'lift a lock, and the delays after wrong passwords and codes', false, help.unlock],
  [
    'force-password-change',
    'a new password at the next sign-in; ends all its sessions',
    true,
    help.forceChange,
  ],
  ['remove-second-factor', 'that its owner has lost; ends all its sessions', true, help.removeFactor],
  ['start-reset', 'print a link by which the owner sets a new password', false, help.startReset],
];

function addHelp(parent: Command, { withStore }: Runner): void {
  for (const [name, description, asks, act] of helpActs) {
    const command = leaf(parent, name, description).addArgument(accountArgument());
    if (asks) command.addOption(yesOption());
    command.action((account: string, options: JsonOption & { yes?: true }) =>
      withStore(options, (context) => act(context, account, options)),
    );
  }
}
