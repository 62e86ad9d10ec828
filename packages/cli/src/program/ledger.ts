// `vallum ledger ...` on the command line.
import type { Command } from 'commander';
import type { WitnessCommandOptions } from '../commands/ledger-witness.js';
import type { VerifyProofOptions } from '../commands/ledger-receipts.js';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

const VKEY = 'example.org/log+033de0ae+Ac4z...';

const listed = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function addLedger(program: Command, run: Run): void {
  const ledger = program.command('ledger').description('the append-only log, its receipts and its witnesses');
  leaf(
    ledger,
    'fsck',
    'rebuild every tile from the entries and every id from its envelope',
    'vallum ledger fsck',
  ).action(async (_options: unknown, command: Command) =>
    run(command, async (io) => (await import('../commands/ledger.js')).fsckCommand(io)),
  );
  leaf(
    ledger,
    'rotate',
    'give the ledger a new key (needs the root key); the old one counts for nothing after this entry',
    'vallum ledger rotate',
  ).action(async (_options: unknown, command: Command) =>
    run(command, async (io) => (await import('../commands/ledger-rotate.js')).rotateCommand(io)),
  );
  addReceipts(ledger, run);
  addWitness(ledger, run);
}

function addReceipts(ledger: Command, run: Run): void {
  leaf(
    ledger,
    'prove',
    'write a receipt that a statement is in the log',
    'vallum ledger prove 3fb1c0a2 --out v2.tlog-proof',
  )
    .argument('<statement>', 'id of a statement, at least 8 digits')
    .option('--out <file>', 'where to (default: the id with .tlog-proof)')
    .action(async (statement: string, options: { out?: string }, command: Command) =>
      run(command, async (io) => (await import('../commands/ledger-receipts.js')).proveCommand(io, statement, options)),
    );
  leaf(
    ledger,
    'verify-proof',
    'verify a receipt offline; needs no project',
    `vallum ledger verify-proof v2.tlog-proof --log ${VKEY}`,
  )
    .argument('<file>', 'the receipt (C2SP tlog-proof)')
    .option('--policy <file>', 'logs, witnesses and quorum (C2SP tlog-policy)')
    .option('--log <key>', 'key of the log, as vallum ledger key prints it; may be repeated', listed, [])
    .option('--witness <key>', 'key of a witness that must have cosigned; may be repeated', listed, [])
    .action(async (file: string, options: VerifyProofOptions, command: Command) =>
      run(command, async (io) =>
        (await import('../commands/ledger-receipts.js')).verifyProofCommand(io, file, options),
      ),
    );
  leaf(
    ledger,
    'compare',
    'does the log go on from older receipts and checkpoints? An old receipt convicts a rewritten log',
    'vallum ledger compare *.tlog-proof',
  )
    .argument('<file...>', 'receipts or checkpoints')
    .action(async (files: readonly string[], _options: unknown, command: Command) =>
      run(command, async (io) => (await import('../commands/ledger-compare.js')).compareCommand(io, files)),
    );
  leaf(
    ledger,
    'anchor',
    'compare with all anchors in another place, then leave a copy of the checkpoint there',
    'vallum ledger anchor /mnt/worm/anchors',
  )
    .argument('<folder>', 'a place that others control: a bucket that forgets nothing, a git checkout')
    .action(async (folder: string, _options: unknown, command: Command) =>
      run(command, async (io) => (await import('../commands/ledger-compare.js')).anchorCommand(io, folder)),
    );
}

function addWitness(ledger: Command, run: Run): void {
  leaf(ledger, 'key', 'print the key of this ledger, for witnesses and auditors', 'vallum ledger key').action(
    async (_options: unknown, command: Command) =>
      run(command, async (io) => (await import('../commands/ledger-cosign.js')).ledgerKeyCommand(io)),
  );
  leaf(
    ledger,
    'cosign',
    'ask a witness to cosign the newest checkpoint',
    'vallum ledger cosign --witness https://witness.example.org/w1 --key witness.example.org/w1+1f9c...',
  )
    .requiredOption('--witness <url>', 'submission prefix of the witness')
    .requiredOption('--key <key>', 'key of the witness, as it prints it')
    .action(async (options: { witness: string; key: string }, command: Command) =>
      run(command, async (io) => (await import('../commands/ledger-cosign.js')).cosignCommand(io, options)),
    );
  leaf(
    ledger,
    'witness',
    'run a witness (C2SP tlog-witness) until it is stopped; needs no project',
    `vallum ledger witness --state /var/lib/witness --name witness.example.org/w1 --log ${VKEY}`,
  )
    .requiredOption('--state <folder>', 'its own key and memory; nobody else may write there')
    .requiredOption('--name <name>', 'how cosignatures name it')
    .option('--log <key>', 'key of a log that it witnesses; may be repeated; without one it prints its key', listed, [])
    .option('--listen <host:port>', 'where it listens', '127.0.0.1:8765')
    .action(async (options: WitnessCommandOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/ledger-witness.js')).witnessCommand(io, options)),
    );
}
