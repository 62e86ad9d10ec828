// `vallum scan` on the command line.
import type { Command } from 'commander';
import { Option } from 'commander';
import type { ScanCommandOptions } from '../commands/scan.js';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

export function addScan(program: Command, run: Run): void {
  leaf(
    program,
    'scan',
    'scan model files, folders and archives; never loads, never executes',
    'vallum scan models/v2 model.pkl --gate medium',
    ['text', 'json', 'sarif', 'cyclonedx'],
  )
    .argument('<path...>', 'files or folders')
    .addOption(
      new Option('--gate <severity>', "findings from here on fail (default: the policy's, else high)").choices([
        'critical',
        'high',
        'medium',
        'low',
      ]),
    )
    .option('--policy <file>', 'gate, names of your own for pickles, suppressions with reason, digest and last day')
    .option('--baseline <file>', 'an earlier --format json: only what is new fails')
    .action(async (paths: readonly string[], options: ScanCommandOptions, command: Command) =>
      run(command, async (io) => {
        const format = command.optsWithGlobals<{ format?: string }>().format;
        return (await import('../commands/scan.js')).scanCommand(io, paths, {
          ...options,
          ...(format === undefined ? {} : { format }),
        });
      }),
    );
}
