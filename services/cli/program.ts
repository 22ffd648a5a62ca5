import { Argument, Command, Option } from 'commander';
import { accesses } from '../core/acl/rules.ts';
import { parseEmail, parseFullName, parseRole, parseSid, parseUsername } from './arguments.ts';
import * as accounts from './commands/accounts.ts';
import { createAccount } from './commands/create-account.ts';
import { explainCheck } from './commands/explain.ts';
import * as changeRules from './commands/change-rules.ts';
import * as rules from './commands/rules.ts';
import * as sessions from './commands/sessions.ts';
import { setRoles } from './commands/set-roles.ts';
import type { CommandContext } from './context.ts';
import { addDeviceCommands } from './device-program.ts';
import { addDoctor } from './doctor-program.ts';
import { accountArgument, change, leaf, yesOption, type JsonOption } from './leaf-command.ts';
import { operand } from './operands.ts';
import { toErrorLine, type Answer } from './output.ts';

/** How a command is carried out once its arguments are known. */
export interface Runner {
  /** With Redis. */
  withStore(options: JsonOption, command: (context: CommandContext) => Promise<Answer>): Promise<void>;
  /** Without. */
  alone(options: JsonOption, command: () => Promise<Answer>): Promise<void>;
}

type ChangeOptions = JsonOption & accounts.ChangeOptions;

/** The command line: every command with its arguments and options. Wrong usage ends as a CommanderError. */
export function createProgram(name: string, runner: Runner): Command {
  const program = new Command(name)
    .description('Accounts, sessions, devices and rules of Bednet, and why a client was denied.')
    .addHelpText('after', help)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(toErrorLine(text)) });
  addAccountCommands(program.command('account').description('accounts: who may sign in'), runner);
  addSessionCommands(program.command('session').description('sessions: who is signed in'), runner);
  addDeviceCommands(program.command('device').description('devices: what connects with a key'), runner);
  addRulesCommands(
    program.command('rules').description('rules: who may read, write and subscribe to what'),
    runner,
  );
  addExplain(program, runner);
  addDoctor(program, runner);
  return program;
}

const help = `
Exit codes: 0 done, 1 refused or not found, 2 wrong usage, 3 Redis can't serve.
Redis is the one of BEDNET_REDIS_URL, else of the stack in RUN_DIR (.run).`;

function addAccountCommands(parent: Command, { withStore }: Runner): void {
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
  leaf(parent, 'list', 'all accounts').action((options: JsonOption) => withStore(options, accounts.listAll));
  leaf(parent, 'show', 'one account, by username or uid')
    .addArgument(accountArgument())
    .action((account: string, options: JsonOption) =>
      withStore(options, (context) => accounts.show(context, account)),
    );
  change(parent, 'disable', 'no more sign-ins; ends all its sessions', 'account-disabled')
    .addArgument(accountArgument())
    .addOption(yesOption())
    .action((account: string, options: ChangeOptions) =>
      withStore(options, (context) => accounts.disable(context, account, options)),
    );
  change(parent, 'enable', 'sign-ins again; ended sessions stay ended', 'account-enabled')
    .addArgument(accountArgument())
    .action((account: string, options: ChangeOptions) =>
      withStore(options, (context) => accounts.enable(context, account, options)),
    );
  leaf(parent, 'set-roles', 'give an account these roles and no others; counts at the next check')
    .addArgument(accountArgument())
    .addArgument(new Argument('<role...>').argParser(parseRole))
    .action((account: string, roles: string[], options: JsonOption) =>
      withStore(options, (context) => setRoles(context, account, roles)),
    );
  change(parent, 'delete', 'delete for good; ends all its sessions', 'account-deleted')
    .addArgument(accountArgument())
    .addOption(yesOption())
    .action((account: string, options: ChangeOptions) =>
      withStore(options, (context) => accounts.remove(context, account, options)),
    );
}

function addSessionCommands(parent: Command, { withStore }: Runner): void {
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
}

function addRulesCommands(parent: Command, { withStore, alone }: Runner): void {
  leaf(parent, 'show', 'the rules in force, as JSON')
    .option('--version <version>', 'an earlier version')
    .option('--yaml', 'as YAML, for editing')
    .action((options: JsonOption & Parameters<typeof rules.show>[1]) =>
      withStore(options, (context) => rules.show(context, options)),
    );
  leaf(parent, 'check', 'find the faults of a file of rules')
    .argument('<file>', rulesFile)
    .action((file: string, options: JsonOption) => alone(options, () => rules.check(file)));
  rulesChange(parent, 'apply', 'put a file of rules in force; counts at the next check')
    .argument('<file>', rulesFile)
    .action((file: string, options: JsonOption & changeRules.RulesChangeOptions) =>
      withStore(options, (context) => changeRules.apply(context, file, options)),
    );
  leaf(parent, 'history', 'the last 50 versions').action((options: JsonOption) =>
    withStore(options, rules.listHistory),
  );
  rulesChange(parent, 'rollback', 'put the rules of an earlier version in force again')
    .argument('<version>', 'as rules history shows it; 0 is the default')
    .action((version: string, options: JsonOption & changeRules.RulesChangeOptions) =>
      withStore(options, (context) => changeRules.rollBack(context, version, options)),
    );
}

const rulesFile = 'YAML or JSON; - is standard input';

function rulesChange(parent: Command, name: string, description: string): Command {
  return leaf(parent, name, description)
    .addOption(yesOption())
    .option('--dry-run', 'show the difference and change nothing');
}

function addExplain(parent: Command, { withStore }: Runner): void {
  leaf(parent, 'explain', 'why the broker grants or denies something, now')
    .addArgument(new Argument('<username>', 'of the MQTT client').argParser(operand))
    .addArgument(new Argument('<clientId>', 'its MQTT client id').argParser(operand))
    .addArgument(new Argument('<access>').choices(accesses))
    .argument('<topic>', 'topic name, or topic filter to subscribe to')
    .action(
      (
        username: string,
        clientId: string,
        access: (typeof accesses)[number],
        topic: string,
        options: JsonOption,
      ) => withStore(options, (context) => explainCheck(context, { username, clientId, access, topic })),
    );
}
