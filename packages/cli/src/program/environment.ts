// `vallum env ...` on the command line.
import type { Command } from 'commander';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

export function addEnvironment(program: Command, run: Run): void {
  const environment = program.command('env').description('the environment that a model is trained in');
  leaf(
    environment,
    'capture',
    'write down an installed Python environment with the digests of its files; runs no Python',
    'vallum env capture .venv/lib/python3.11/site-packages --out environment.json',
  )
    .argument('<site-packages>', 'folder with the installed packages')
    .option('--out <file>', 'where to (default: standard output)')
    .action(async (dir: string, options: { out?: string }, command: Command) =>
      run(command, async (io) => (await import('../commands/environment.js')).captureCommand(io, dir, options)),
    );
}
