// `vallum gateway ...` on the command line.
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { GatewayOptions } from '../commands/gateway.js';
import { addGatewayCanary } from './gateway-canary.js';
import { addGatewayKeys } from './gateway-keys.js';
import { addGatewayLearn } from './gateway-learn.js';
import { addGatewayProbe } from './gateway-probe.js';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

const MOST_WORKERS = 256;

export function addGateway(program: Command, run: Run): void {
  const gateway = leaf(
    program,
    'gateway',
    'a guarded door in front of inference servers',
    'vallum gateway --config gateway.yaml --workers 2',
  )
    .option('--config <file>', 'settings, see docs/gateway.md', 'gateway.yaml')
    .option('--workers <n>', 'processes that take requests (default: what the settings say)', workers)
    .action(async (options: GatewayOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/gateway.js')).gatewayCommand(io, options)),
    );
  for (const add of [addGatewayKeys, addGatewayLearn, addGatewayCanary, addGatewayProbe]) add(gateway, run);
}

function workers(text: string): string {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= MOST_WORKERS) return text;
  throw new InvalidArgumentError(`It is a number from 1 to ${MOST_WORKERS}.`);
}
