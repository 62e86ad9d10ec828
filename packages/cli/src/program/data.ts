// `vallum data ...` on the command line.
import type { Command } from 'commander';
import type { OpenOptions } from '../commands/data-open.js';
import type { RotateOptions } from '../commands/data-rotate.js';
import type { SealOptions } from '../commands/data-record.js';
import { addDataCheck } from './data-check.js';
import { addDataReview } from './data-review.js';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

const WHY = ['--why <text>', 'for everybody who reads the ledger'] as const;
const PASSPHRASE = ['--passphrase-file <file>', 'file with the passphrase of the keyring (default: ask)'] as const;

export function addData(program: Command, run: Run): void {
  const data = program
    .command('data')
    .description('tables, checked and compared; and the vault: datasets and models at rest, each opening on record');
  addDataCheck(data, run);
  addDataReview(data, run);
  leaf(data, 'init', 'make the folder of the vault and its keyring', 'vallum data init')
    .option(...PASSPHRASE)
    .action(async (options: { passphraseFile?: string }, command: Command) =>
      run(command, async (io) => (await import('../commands/data-init.js')).dataInitCommand(io, options)),
    );
  leaf(
    data,
    'seal',
    'seal a feed, a version, or a file or folder of the project',
    'vallum data seal v2 --why "released; the weights are kept sealed"',
  )
    .argument('<what>', 'feed, version or path; or the id of an object to record anew')
    .requiredOption(...WHY)
    .option(...PASSPHRASE)
    .action(async (what: string, options: SealOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/data-seal.js')).dataSealCommand(io, what, options)),
    );
  leaf(
    data,
    'open',
    'bring objects back as plaintext: authorised, recorded, then decrypted',
    'vallum data open model/v2 --out review/v2 --why "a look at the embedding layer"',
  )
    .argument('<object...>', 'id, data/NAME or model/NAME, see vallum data list')
    .option('--out <path>', 'file or folder that is not there yet (default: where it was sealed from)')
    .option('--export', 'a model leaves the project: needs a passing verdict for the action export')
    .requiredOption(...WHY)
    .option(...PASSPHRASE)
    .action(async (what: readonly string[], options: OpenOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/data-open.js')).dataOpenCommand(io, what, options)),
    );
  leaf(
    data,
    'rotate',
    'wrap all data keys with the active key encryption key; ciphertext is not touched',
    'vallum data rotate --new-key --why "yearly rotation"',
  )
    .option('--new-key', 'make a new key encryption key first')
    .option('--destroy-retired', 'destroy the old ones last')
    .requiredOption(...WHY)
    .option(...PASSPHRASE)
    .action(async (options: RotateOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/data-rotate.js')).dataRotateCommand(io, options)),
    );
  leaf(
    data,
    'shred',
    'destroy an object for good; the ledger still proves what it was',
    'vallum data shred data/ham-feed --why "the consent was withdrawn"',
  )
    .argument('<object>', 'id, data/NAME or model/NAME')
    .requiredOption(...WHY)
    .action(async (what: string, options: { why: string }, command: Command) =>
      run(command, async (io) => (await import('../commands/data-shred.js')).dataShredCommand(io, what, options)),
    );
  leaf(data, 'list', 'what is in the vault, and whether the ledger agrees', 'vallum data list').action(
    async (_options: unknown, command: Command) =>
      run(command, async (io) => (await import('../commands/data-list.js')).dataListCommand(io)),
  );
}
