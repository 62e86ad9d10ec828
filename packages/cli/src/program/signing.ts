// `vallum sign` and `vallum verify` on the command line.
import type { Command } from 'commander';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

export function addSigning(program: Command, run: Run): void {
  const keyed = (command: Command, what: string): Command =>
    command
      .argument('<dir>', 'model folder')
      .option('--key <file>', `${what} key in PEM (default: the enrolled one)`)
      .option('--signature <file>', 'signature file, relative to the folder (default: model.sig)');
  keyed(
    leaf(program, 'sign', 'sign a model folder (OpenSSF Model Signing v1.0, key method)', 'vallum sign models/v2'),
    'private',
  ).action(async (dir: string, options: { key?: string; signature?: string }, command: Command) =>
    run(command, async (io) => (await import('../commands/sign.js')).signCommand(io, dir, options)),
  );
  keyed(
    leaf(
      program,
      'verify',
      'verify a signed model folder; names changed, missing and extra files',
      'vallum verify models/v2 --key author.pem',
    ),
    'public',
  ).action(async (dir: string, options: { key?: string; signature?: string }, command: Command) =>
    run(command, async (io) => (await import('../commands/sign.js')).verifyCommand(io, dir, options)),
  );
}
