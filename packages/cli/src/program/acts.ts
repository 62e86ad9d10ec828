// What people do on the command line: approve, waive, revoke.
import type { Command } from 'commander';
import type { Run } from './leaf.js';
import { action, leaf } from './leaf.js';

export function addActs(program: Command, run: Run): void {
  leaf(
    program,
    'approve',
    'approve a version when everything else holds, or a waiver',
    'vallum approve v2 --note "reviewed the poisoning report"',
  )
    .argument('<what>', 'version, or the id of a waiver')
    .addOption(action())
    .option('--note <text>', "the approver's own words", '')
    .action(async (what: string, options: { action: string; note: string }, command: Command) =>
      run(command, async (io) => (await import('../commands/approve.js')).approveCommand(io, what, options)),
    );
  leaf(
    program,
    'waive',
    'ask for one exception; it counts when a second person approved it',
    'vallum waive robustness.evasion v1 --accept "evasion-rate<=0.98" --until 2027-06-30 --reason "second stage behind it"',
  )
    .argument('<requirement>', 'id of the requirement, see vallum policy show')
    .argument('<target>', 'version')
    .requiredOption('--accept <what>', 'METRIC<=NUMBER, METRIC>=NUMBER or a reason code')
    .requiredOption('--until <date>', 'the waiver counts before this date, UTC')
    .requiredOption('--reason <text>', 'why, for everybody who reads a verdict')
    .action(
      async (
        requirement: string,
        target: string,
        options: { accept: string; until: string; reason: string },
        command: Command,
      ) =>
        run(command, async (io) =>
          (await import('../commands/waive.js')).waiveCommand(io, requirement, target, options),
        ),
    );
  leaf(
    program,
    'revoke',
    'take back a statement, or all by a key, a tool version, a ruleset or about a subject',
    'vallum revoke 3fb1c0a2 --reason "the runner was compromised"',
  )
    .argument('[statement]', 'id of a statement, at least 8 digits')
    .option('--key <id>', 'all that this key signed')
    .option('--tool <version>', 'all that this version of Vallum made')
    .option('--ruleset <digest>', 'all that this ruleset found')
    .option('--subject <digest>', 'all that was said about this subject')
    .requiredOption('--reason <text>', 'why')
    .action(async (statement: string | undefined, options: { reason: string }, command: Command) =>
      run(command, async (io) => (await import('../commands/revoke.js')).revokeCommand(io, statement, options)),
    );
}
