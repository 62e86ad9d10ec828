// `vallum gateway probe` on the command line.
import type { Command } from 'commander';
import { Option } from 'commander';
import type { ProbeOptions } from '../commands/gateway-probe.js';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

/** @param gateway the command `vallum gateway` */
export function addGatewayProbe(gateway: Command, run: Run): void {
  leaf(
    gateway,
    'probe',
    'send forbidden requests to a running gateway or a bare inference server, and see them refused',
    'vallum gateway probe http://127.0.0.1:8080 --model digits --key-file key.txt --quota 100 --authorised',
  )
    .argument('<url>', 'the server, without a path; hosts that are not loopback need --allow-host')
    .requiredOption('--model <name>', 'model that the key may ask')
    .option('--authorised', 'the owner of the server agrees to being probed')
    .option('--allow-host <host...>', 'hosts that may be probed')
    .option('--key-file <file>', 'an API key or token that may infer; none for a server without keys')
    .addOption(
      new Option('--protocol <protocol>', 'how the model is asked')
        .choices(['oip', 'mlflow', 'openai', 'json'])
        .default('oip'),
    )
    .option('--path <path>', 'where the model is asked (default: that of the protocol)')
    .option('--input <file>', 'a body that the model answers (default: made from the metadata, for oip)')
    .option('--quota <n>', 'requests after which the key must be refused; a burst of one more is sent')
    .option('--rate <n>', 'requests a second, but for that burst', '20')
    .action(async (url: string, options: ProbeOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/gateway-probe.js')).gatewayProbeCommand(io, url, options)),
    );
}
