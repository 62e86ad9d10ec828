// The main job on the command line: check, gate, init.
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { Run } from './leaf.js';
import { action, leaf } from './leaf.js';

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError('Give a number of seconds above 0, at most 86400.');
}

export function addMainJob(program: Command, run: Run): void {
  leaf(
    program,
    'check',
    'run the controls that a version needs, write evidence, print the verdict',
    'vallum check v2 --action promote',
  )
    .argument('[target]', 'version, such as v2, or its model folder')
    .addOption(action())
    .option('--timeout <seconds>', 'time that one control may take', seconds, 300)
    .action(async (target: string | undefined, options: { action: string; timeout: number }, command: Command) =>
      run(command, async (io) => (await import('../commands/check.js')).checkCommand(io, target, options)),
    );
  leaf(
    program,
    'gate',
    'decide from the evidence at hand; runs nothing',
    'vallum gate v2 --action deploy --format json',
  )
    .argument('[target]', 'version, such as v2, or its model folder')
    .addOption(action())
    .action(async (target: string | undefined, options: { action: string }, command: Command) =>
      run(command, async (io) => (await import('../commands/check.js')).gateCommand(io, target, options)),
    );
  leaf(program, 'init', 'draft vallum.yaml from what the project already has', 'vallum init').action(
    async (_options: unknown, command: Command) =>
      run(command, async (io) => (await import('../commands/init.js')).initCommand(io)),
  );
}
