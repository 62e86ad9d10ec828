// `vallum monitor ...` on the command line.
import type { Command } from 'commander';
import type { MonitorRunOptions } from '../commands/monitor-run.js';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

const WHY = ['--why <text>', 'for everybody who reads the ledger'] as const;

export function addMonitor(program: Command, run: Run): void {
  const monitor = program
    .command('monitor')
    .description('a version in production: rows as they arrive, judged against a pinned reference');
  leaf(
    monitor,
    'pin',
    'make the reference that rows are compared with, and record who chose it',
    'vallum monitor pin v2 held-out.parquet --why "rows of March, reviewed"',
  )
    .argument('<version>', 'version that is monitored')
    .argument('<reference>', 'rows as they will arrive: CSV, JSON lines, Parquet, Arrow')
    .requiredOption(...WHY)
    .action(async (version: string, reference: string, options: { why: string }, command: Command) =>
      run(command, async (io) =>
        (await import('../commands/monitor-pin.js')).monitorPinCommand(io, version, reference, options),
      ),
    );
  leaf(
    monitor,
    'run',
    'judge what arrived since the last run, and sign what was seen',
    'vallum monitor run v2 --follow',
  )
    .argument('<version>', 'version that is monitored')
    .option('--follow', 'stay, and look again')
    .option('--interval <seconds>', 'between two looks, with --follow', '60')
    .action(async (version: string, options: MonitorRunOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/monitor-run.js')).monitorRunCommand(io, version, options)),
    );
  leaf(monitor, 'show', 'alerts, pins and windows of a monitor', 'vallum monitor show v2')
    .argument('<version>', 'version that is monitored')
    .action(async (version: string, _options: unknown, command: Command) =>
      run(command, async (io) => (await import('../commands/monitor-show.js')).monitorShowCommand(io, version)),
    );
  leaf(
    monitor,
    'settle',
    'say, on record, that an alert has been dealt with',
    'vallum monitor settle v2 3f9a6c21b0de --why "a new partner since Monday, reviewed"',
  )
    .argument('<version>', 'version that is monitored')
    .argument('<alert>', 'id of the alert or its beginning, see vallum monitor show')
    .requiredOption(...WHY)
    .action(async (version: string, alert: string, options: { why: string }, command: Command) =>
      run(command, async (io) =>
        (await import('../commands/monitor-show.js')).monitorSettleCommand(io, version, alert, options),
      ),
    );
}
