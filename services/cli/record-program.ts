import { Argument, Option, type Command } from 'commander';
import { parseEmail, parseLife, parseLines, parseRole, parseTime } from './arguments.ts';
import * as audit from './commands/audit.ts';
import * as invitations from './commands/invitations.ts';
import { leaf, type JsonOption } from './leaf-command.ts';
import { operand } from './operands.ts';
import type { Runner } from './program.ts';

/** Adds the commands about invitations. */
export function addInvitationCommands(parent: Command, { withStore }: Runner): void {
  leaf(parent, 'create', 'invite somebody to make an account; prints the token, which nobody can read again')
    .addOption(
      new Option('--email <address>', 'the only address that may use it; you vouch for it').argParser(
        parseEmail,
      ),
    )
    .addOption(new Option('--role <role>', 'role, may be repeated (default: user)').argParser(parseRole))
    .addOption(
      new Option('--valid-for <time>', 'how long it works')
        .argParser(parseLife)
        .default(invitations.defaultLifeSeconds, '7d'),
    )
    .action((options: JsonOption & invitations.InvitationOptions) =>
      withStore(options, (context) => invitations.create(context, options)),
    );
  leaf(parent, 'list', 'invitations that nobody has used yet').action((options: JsonOption) =>
    withStore(options, invitations.listOpen),
  );
  leaf(parent, 'revoke', 'take an invitation back')
    .addArgument(new Argument('<id>', 'as invitation list shows it').argParser(operand))
    .action((id: string, options: JsonOption) =>
      withStore(options, (context) => invitations.revoke(context, id)),
    );
}

/** Adds the commands about the audit log; both print JSON lines, with --json or without. */
export function addAuditCommands(parent: Command, { withStore }: Runner): void {
  leaf(parent, 'tail', 'the newest entries of the audit log, as JSON lines')
    .addOption(new Option('-n, --lines <count>', 'how many').argParser(parseLines).default(20))
    .addOption(new Option('--account <account>', 'only what concerns this account').argParser(operand))
    .option('--event <event>', 'only this event')
    .option('-f, --follow', 'go on with entries as they come')
    .action((options: JsonOption & audit.TailOptions) =>
      withStore(options, (context) => audit.tail(context, options)),
    );
  leaf(parent, 'export', 'the whole audit log, oldest entry first, as JSON lines')
    .addOption(new Option('--account <account>', 'only what concerns this account').argParser(operand))
    .addOption(new Option('--since <time>', 'ISO 8601, such as 2026-11-21T08:00Z').argParser(parseTime))
    .action((options: JsonOption & audit.ExportOptions) =>
      withStore(options, (context) => audit.exportAll(context, options)),
    );
}
