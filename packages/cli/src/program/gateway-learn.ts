// `vallum gateway learn` on the command line.
import type { Command } from 'commander';
import { Option } from 'commander';
import type { LearnCommandOptions } from '../commands/gateway-learn.js';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

/** @param gateway the command `vallum gateway` */
export function addGatewayLearn(gateway: Command, run: Run): void {
  leaf(
    gateway,
    'learn',
    'what training data say about inputs: bounds and categories that a route then asks of every request',
    'vallum gateway learn train.parquet --ignore label --output ranges.json',
  )
    .argument('<file>', 'rows of the training data (CSV, JSON lines, Parquet, Arrow, npy), or a profile of them')
    .requiredOption('--output <file>', 'file that is not there yet; name it in gateway.yaml as `input.learned`')
    .option('--ignore <name...>', 'columns that callers do not send, such as the label')
    .option('--margin <share>', 'of the range, added at each end', '0.1')
    .addOption(
      new Option(
        '--as <what>',
        'bounds for each column, or one range for all numbers as of images (default: tensor for a plain npy array)',
      ).choices(['columns', 'tensor']),
    )
    .action(async (file: string, options: LearnCommandOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/gateway-learn.js')).gatewayLearnCommand(io, file, options)),
    );
}
