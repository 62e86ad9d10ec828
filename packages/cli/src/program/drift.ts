// `vallum drift` on the command line.
import type { Command } from 'commander';
import { Option } from 'commander';
import type { DriftCommandOptions } from '../commands/drift.js';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

export function addDrift(program: Command, run: Run): void {
  leaf(
    program,
    'drift',
    'compare two sets of rows: has the data moved, by how much, who moved it, and is there enough to tell',
    'vallum drift january.parquet april.parquet --by source --html drift.html',
  )
    .argument('<reference>', 'rows from before: CSV, JSON lines, Parquet, Arrow, npy, a folder; or a profile of them')
    .argument('<current>', 'rows from now')
    .option(
      '--first <file>',
      'the first baseline ever, rows or profile: shows movement that is too slow for the last one',
    )
    .option('--by <column>', 'split by who sent the rows: a season moves all groups, an attack moves one')
    .option('--time <column>', 'cut the current into windows by this column of times')
    .option('--window <size>', 'of time: 7d, 12h, 30min, 1mo or 1000rows', '7d')
    .option('--multivariate', 'also compare all columns at once')
    .option('--columns <name...>', 'compare these only')
    .option('--ignore <name...>', 'leave these out')
    .option('--alpha <share>', 'chance of a false alarm of the whole run', '0.05')
    .addOption(
      new Option('--control <what>', 'the chance of any false alarm, or the share of false ones')
        .choices(['family', 'fdr'])
        .default('family'),
    )
    .option('--floor-sd <sd>', 'a shift below it is no drift, unless more rows moved than --floor-share', '0.05')
    .option('--floor-share <share>', 'fewer moved rows are no drift, unless the shift is above --floor-sd', '0.02')
    .option('--detect <sd>', 'a shift that must not go unseen, or there is not enough data', '0.5')
    .option('--permutations <count>', 'deals of the rows that calibrate the answer', '1999')
    .option('--seed <number>', 'of everything that is drawn by lot', '1')
    .addOption(new Option('--compatible <tool>', 'its tests and thresholds, uncalibrated').choices(['evidently']))
    .option('--html <file>', 'also write the report as one page that needs nothing else')
    .action(async (reference: string, current: string, options: DriftCommandOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/drift.js')).driftCommand(io, reference, current, options)),
    );
}
