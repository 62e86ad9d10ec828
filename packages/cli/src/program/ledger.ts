// `vallum ledger ...` on the command line.
import type { Command } from 'commander';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

export function addLedger(program: Command, run: Run): void {
  const ledger = program.command('ledger').description('the append-only log');
  leaf(
    ledger,
    'fsck',
    'rebuild every tile from the entries and every id from its envelope',
    'vallum ledger fsck',
  ).action(async (_options: unknown, command: Command) =>
    run(command, async (io) => (await import('../commands/ledger.js')).fsckCommand(io)),
  );
}
