// `vallum trust ...` on the command line.
import type { Command } from 'commander';
import type { EnrolJobOptions } from '../commands/trust-jobs.js';
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
    'make a key for a principal and enrol it, or enrol a CI job (needs the root key)',
    'vallum trust enrol alice --roles approve,revoke --until 2027-12-31',
  )
    .argument('<principal>', 'short id, such as alice')
    .requiredOption(
      '--roles <roles>',
      'comma-separated: produce:<kind>, decide, approve, revoke, review, monitor, policy, ledger, sign:model, vault',
    )
    .option('--name <name>', 'who that is')
    .option('--algorithm <algorithm>', 'ed25519, or p256 for sign:model')
    .option('--until <date>', 'last day on which the key counts')
    .option('--issuer <url>', 'for a CI job: who signs its tokens, see vallum trust issuer add')
    .option('--subject <sub>', 'for a CI job: its subject, whole or as in repo:acme/spam-filter:*')
    .option('--workflow <path>', 'for a CI job: its workflow file, with @REF where the ref counts too')
    .option('--branch <branch>', 'for a CI job: its branch')
    .option(
      '--lifetime <duration>',
      "for a CI job: how long its key counts instead of the token's own end, such as PT2H",
    )
    .action(async (id: string, options: EnrolJobOptions, command: Command) =>
      run(command, async (io) => {
        const { issuer, subject, workflow, branch, lifetime } = options;
        if ([issuer, subject, workflow, branch, lifetime].some((option) => option !== undefined))
          return (await import('../commands/trust-jobs.js')).trustEnrolJob(io, id, options);
        return (await import('../commands/trust.js')).trustEnrol(io, id, options);
      }),
    );
  const issuer = trust.command('issuer').description('whose tokens say which CI job it is');
  leaf(
    issuer,
    'add',
    'pin the public keys of an issuer, from a file (needs the root key)',
    'vallum trust issuer add https://token.actions.githubusercontent.com --keys jwks.json --claims github',
  )
    .argument('<url>', 'exactly as the claim iss of its tokens has it')
    .requiredOption('--keys <file>', 'its key set (JWKS), which you fetched and compared')
    .requiredOption('--claims <form>', 'how it writes workflow and branch: github or gitlab')
    .option('--until <date>', 'last day on which the keys count')
    .action(async (url: string, options: { keys: string; claims: string; until?: string }, command: Command) =>
      run(command, async (io) => (await import('../commands/trust-jobs.js')).trustIssuerAdd(io, url, options)),
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
