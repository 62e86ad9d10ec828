// `vallum identity ...` on the command line.
import type { Command } from 'commander';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

export function addIdentity(program: Command, run: Run): void {
  const identity = program.command('identity').description('who a CI job is, by the token of its CI system');
  leaf(
    identity,
    'new',
    'make a key for this run and print the audience to ask a token for',
    'vallum identity new --format json',
  ).action(async (_options: unknown, command: Command) =>
    run(command, async (io) => (await import('../commands/identity.js')).identityNew(io)),
  );
  leaf(identity, 'use', "verify the job's token and file it with its key", 'vallum identity use --token token.jwt')
    .requiredOption('--token <file>', 'the token, or - for the standard input')
    .action(async (options: { token: string }, command: Command) =>
      run(command, async (io) => (await import('../commands/identity.js')).identityUse(io, options)),
    );
}
