// `vallum data check`, `profile`, `rules`, `compare` and `card`: tables in files, with or without a project around them.
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { CardOptions } from '../commands/data-card.js';
import type { DataCheckOptions } from '../commands/data-check.js';
import type { CompareOptions } from '../commands/data-compare.js';
import type { ProfileOptions } from '../commands/data-profile.js';
import type { RulesOptions } from '../commands/data-rules.js';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

const LABEL = ['--label <column>', 'the class of a row'] as const;
const SOURCE = ['--source <column>', 'where a row comes from'] as const;
const TABLE = 'CSV, TSV, JSON lines, Parquet, Arrow, npy, or a folder of images, texts or mails';

export function addDataCheck(data: Command, run: Run): void {
  leaf(
    data,
    'check',
    'schema, rules, duplicates, leakage, balance, personal data, secrets, label issues, outliers and poisoning of a table',
    'vallum data check train.csv --rules rules.yaml --test test.csv --label label',
  )
    .argument('<path>', TABLE)
    .option('--rules <file>', 'vallum/data-rules/v1, YAML; draft one with vallum data rules')
    .option('--test <path>', 'the table that a model will be tested on: nothing may be in both')
    .option(...LABEL)
    .option(...SOURCE)
    .option('--id <column>', 'names a row; it may stand on one side only')
    .option('--group <column>', 'what belongs together, such as a patient; it may stand on one side only')
    .option('--time <column>', 'test rows have to be later than all training rows')
    .addOption(
      new Option('--gate <severity>', 'findings from here on fail (default: high)').choices([
        'critical',
        'high',
        'medium',
        'low',
      ]),
    )
    .option('--no-near', 'leave out near duplicates, which take longest')
    .option('--probabilities <file>', 'npy, rows x classes, of a model that did not see the row: for label issues')
    .option('--classes <names>', 'order of its columns, separated by commas (default: the labels, sorted)', names)
    .option('--features <file>', 'npy, a row for each row: compared instead of the number columns')
    .option('--activations <file>', 'npy, last hidden layer of the model trained on these rows: for poisoning')
    .option('--image <WxHxC>', 'the features are pixels, such as 28x28x1', imageShape)
    .option(
      '--seed <number>',
      'of near duplicates, samples and folds (default: from the content of all rows)',
      wholeNumber,
    )
    .action(async (path: string, options: DataCheckOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/data-check.js')).dataCheckCommand(io, path, options)),
    );
  leaf(
    data,
    'profile',
    'what is in every column, as a mergeable profile',
    'vallum data profile train.csv --out profile.json',
  )
    .argument('<path>', TABLE)
    .option('--out <file>', 'write the profile to a file that is not there yet')
    .option('--reference <file>', 'an earlier profile: count in its bins, so that the two can be compared exactly')
    .action(async (path: string, options: ProfileOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/data-profile.js')).dataProfileCommand(io, path, options)),
    );
  leaf(data, 'rules', 'draft rules that the table itself keeps', 'vallum data rules train.csv --out rules.yaml')
    .argument('<path>', TABLE)
    .option('--out <file>', 'write the rules to a file that is not there yet')
    .action(async (path: string, options: RulesOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/data-rules.js')).dataRulesCommand(io, path, options)),
    );
  leaf(
    data,
    'compare',
    'two versions of a table, row by row: added, removed, relabelled, changed',
    'vallum data compare train-v1.csv train-v2.csv --key id --label label --source source',
  )
    .argument('<old>', TABLE)
    .argument('<new>', TABLE)
    .option('--key <columns>', 'name a row, separated by commas (default: its content)')
    .option(...LABEL)
    .option(...SOURCE)
    .action(async (before: string, after: string, options: CompareOptions, command: Command) =>
      run(command, async (io) =>
        (await import('../commands/data-compare.js')).dataCompareCommand(io, before, after, options),
      ),
    );
  leaf(
    data,
    'card',
    'a Croissant card with digests for a table, or a card held to the bytes',
    'vallum data card train.csv --name mails --license https://spdx.org/licenses/CC0-1.0 --out croissant.json',
  )
    .argument('<path>', TABLE)
    .option('--name <name>', 'of the dataset (default: of the file)')
    .option('--description <text>', 'one paragraph for people')
    .option('--license <url>', 'of the data')
    .option('--url <url>', 'page of the dataset')
    .option('--rai <file>', 'facts about collection, biases and use, YAML; they become rai: properties')
    .option('--out <file>', 'write the card to a file that is not there yet')
    .option('--verify <card>', 'read this card instead, and hold its digests and fields to PATH')
    .action(async (path: string, options: CardOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/data-card.js')).dataCardCommand(io, path, options)),
    );
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d{1,10}$/.test(text) || number > 0xffffffff) throw new InvalidArgumentError('give a whole number below 2^32');
  return number;
}

function names(text: string): readonly string[] {
  const all = text.split(',');
  if (all.includes('')) throw new InvalidArgumentError('give names separated by commas');
  return all;
}

function imageShape(text: string): NonNullable<DataCheckOptions['image']> {
  const [, width, height, channels] = /^([1-9]\d{0,3})x([1-9]\d{0,3})x([1-9]\d?)$/.exec(text) ?? [];
  if (channels === undefined) throw new InvalidArgumentError('give width x height x channels, such as 28x28x1');
  return { width: Number(width), height: Number(height), channels: Number(channels) };
}
