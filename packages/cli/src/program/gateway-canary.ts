// `vallum gateway canary` on the command line.
import type { Command } from 'commander';
import type { CanaryOptions } from '../commands/gateway-canary.js';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

/** @param gateway the command `vallum gateway` */
export function addGatewayCanary(gateway: Command, run: Run): void {
  leaf(
    gateway,
    'canary',
    'sign what the approved model answers, so that a gateway can tell a swapped one',
    'vallum gateway canary v1 --upstream http://127.0.0.1:8000 --inputs inputs.json --output canary.json',
  )
    .argument('<version>', 'version that the upstream serves')
    .requiredOption('--upstream <url>', 'server that has loaded the approved model')
    .requiredOption('--inputs <file>', 'requests to ask, see docs/serving-gate.md')
    .requiredOption('--output <file>', 'where to; keep it from the upstream')
    .option('--tolerance <share>', 'by how much of itself a number may differ', '1e-4')
    .option('--ignore <pointers...>', 'JSON pointers that differ in every answer, such as /id')
    .action(async (version: string, options: CanaryOptions, command: Command) =>
      run(command, async (io) =>
        (await import('../commands/gateway-canary.js')).gatewayCanaryCommand(io, version, options),
      ),
    );
}
