import { Argument, Command } from 'commander';
import { accesses } from '../core/acl/rules.ts';
import { addAccountCommands } from './account-program.ts';
import { explainCheck } from './commands/explain.ts';
import * as changeRules from './commands/change-rules.ts';
import * as rules from './commands/rules.ts';
import type { CommandContext } from './context.ts';
import { addDeviceCommands } from './device-program.ts';
import { addDoctor } from './doctor-program.ts';
import { addGroupCommands } from './group-program.ts';
import { addKeyCommands } from './keys-program.ts';
import { leaf, yesOption, type JsonOption } from './leaf-command.ts';
import { addOauthClientCommands } from './oauth-client-program.ts';
import { operand } from './operands.ts';
import { toErrorLine, type Answer } from './output.ts';
import { addAuditCommands, addInvitationCommands } from './record-program.ts';
import { addClientCommands, addSessionCommands } from './session-program.ts';

/** How a command is carried out once its arguments are known. */
export interface Runner {
  /** With Redis. */
  withStore(options: JsonOption, command: (context: CommandContext) => Promise<Answer>): Promise<void>;
  /** Without. */
  alone(options: JsonOption, command: () => Promise<Answer>): Promise<void>;
}

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
  addGroupCommands(program.command('group').description('groups of accounts'), runner);
  addInvitationCommands(program.command('invitation').description('invitations to make an account'), runner);
  addClientCommands(program.command('client').description('MQTT clients'), runner);
  addAuditCommands(program.command('audit').description('audit log: who did what to whom'), runner);
  addKeyCommands(program.command('keys').description('keys that tokens are signed with'), runner);
  addOauthClientCommands(
    program.command('oauth-client').description('services that may ask about tokens'),
    runner,
  );
  addExplain(program, runner);
  addDoctor(program, runner);
  return program;
}

const help = `
Exit codes: 0 done, 1 refused or not found, 2 wrong usage, 3 Redis can't serve.
Redis is the one of BEDNET_REDIS_URL, else of the stack in RUN_DIR (.run).`;

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
