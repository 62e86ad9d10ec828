// `vallum gateway keys ...` on the command line.
import type { Command } from 'commander';
import type { KeyPlaces } from '@vallum/gateway';
import type { Answer, Io } from '../answer.js';
import type * as commandsOfKeys from '../commands/gateway-keys.js';
import type { CreateOptions, RotateOptions } from '../commands/gateway-keys.js';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

type Commands = typeof commandsOfKeys;
type Work = (commands: Commands, io: Io, places: KeyPlaces) => Promise<Answer>;

interface Config {
  readonly config: string;
}

/** @param gateway the command `vallum gateway` */
export function addGatewayKeys(gateway: Command, run: Run): void {
  const keys = gateway.command('keys').description('API keys: who may ask, each shown once');
  const at = (command: Command, { config }: Config, work: Work): Promise<void> =>
    run(command, async (io) => {
      const commands = await import('../commands/gateway-keys.js');
      return work(commands, io, await commands.keyPlaces(io, config));
    });
  const withConfig = (name: string, description: string, example: string): Command =>
    leaf(keys, name, description, `vallum gateway keys ${example}`).option(
      '--config <file>',
      'settings of the gateway, which say where its keys are',
      'gateway.yaml',
    );

  withConfig('create', 'a key for somebody who has none', 'create web-shop --role infer --expires 90d')
    .argument('<principal>', 'who gets it: a name that records and policies use')
    .requiredOption('--role <role...>', 'what the holder may do, such as infer or infer:spam-filter')
    .option('--name <text>', 'of the principal, for people')
    .option('--group <group>', 'accounts that are looked at together (default: the principal alone)')
    .option('--expires <time>', 'how long it counts: 30m, 24h, 90d, 52w', '90d')
    .option('--label <text>', 'where this key is used')
    .action(async (principal: string, options: CreateOptions & Config, command: Command) =>
      at(command, options, (commands, io, places) => commands.gatewayKeysCreate(io, places, principal, options)),
    );
  withConfig('list', 'whose keys there are, and until when they count', 'list').action(
    async (options: Config, command: Command) =>
      at(command, options, (commands, io, places) => commands.gatewayKeysList(io, places)),
  );
  withConfig('rotate', 'a second key, and an end for the first one', 'rotate web-shop --overlap 24h')
    .argument('<principal>', 'whose key')
    .option('--expires <time>', 'how long the new one counts', '90d')
    .option('--overlap <time>', 'how long the old one still counts', '24h')
    .option('--label <text>', 'where the new one is used')
    .action(async (principal: string, options: RotateOptions & Config, command: Command) =>
      at(command, options, (commands, io, places) => commands.gatewayKeysRotate(io, places, principal, options)),
    );
  withConfig('revoke', 'a key that counts no longer, from now on', 'revoke k3v7qmzp2a --reason "seen in a log"')
    .argument('<id>', 'the ten characters behind vlm_')
    .requiredOption('--reason <text>', 'for everybody who sees the list')
    .action(async (id: string, options: { readonly reason: string } & Config, command: Command) =>
      at(command, options, (commands, io, places) => commands.gatewayKeysRevoke(io, places, id, options)),
    );
}
