// `vallum trust ...` on the command line.
import type { Command } from 'commander';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

export function addTrust(program: Command, run: Run): void {
  const trust = program.command('trust').description('who may say what, and which root this machine believes');
  leaf(trust, 'init', 'make and pin a root, enrol a small team, sign the default policy', 'vallum trust init').action(
    async (_options: unknown, command: Command) =>
      run(command, async (io) => (await import('../commands/trust.js')).trustInit(io)),
  );
  leaf(
    trust,
    'enrol',
    'make a key for a principal and enrol it (needs the root key)',
    'vallum trust enrol alice --roles approve,revoke --until 2027-12-31',
  )
    .argument('<principal>', 'short id, such as alice')
    .requiredOption(
      '--roles <roles>',
      'comma-separated: produce:<kind>, decide, approve, revoke, policy, ledger, sign:model',
    )
    .option('--name <name>', 'who that is')
    .option('--algorithm <algorithm>', 'ed25519, or p256 for sign:model')
    .option('--until <date>', 'last day on which the key counts')
    .action(async (id: string, options: { roles: string }, command: Command) =>
      run(command, async (io) => (await import('../commands/trust.js')).trustEnrol(io, id, options)),
    );
  leaf(
    trust,
    'pin',
    'believe this root for the project',
    'vallum trust pin e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  )
    .argument('<fingerprint>', 'of the root, 64 hexadecimal digits')
    .action(async (fingerprint: string, _options: unknown, command: Command) =>
      run(command, async (io) => (await import('../commands/trust.js')).trustPin(io, fingerprint)),
    );
  leaf(trust, 'show', 'show the root and who is enrolled', 'vallum trust show').action(
    async (_options: unknown, command: Command) =>
      run(command, async (io) => (await import('../commands/trust.js')).trustShow(io)),
  );
}
