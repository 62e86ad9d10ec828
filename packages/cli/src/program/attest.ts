// `vallum attest` and `vallum attest verify` on the command line.
import type { Command } from 'commander';
import type { AttestOptions } from '../commands/attest-facts.js';
import type { AttestVerifyOptions } from '../commands/attest-verify.js';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

export function addAttest(program: Command, run: Run): void {
  const attest = leaf(
    program,
    'attest',
    'sign where a model comes from: data, base model, commit, environment, builder (SLSA provenance v1)',
    'vallum attest v2 --workflow train.yml --environment requirements.lock',
  )
    .enablePositionalOptions()
    .argument('[target]', 'version; with --key a model folder')
    .option('--base <dir>', 'folder of the base model (default: the one that vallum.yaml declares)')
    .option('--environment <file>', 'lock file or captured environment of the training')
    .option('--container <image>', 'image of the training, NAME@sha256:DIGEST')
    .option('--builder <id>', 'URI of the system that trained (default: who signs)')
    .option('--workflow <path>', 'workflow or script that started the training')
    .option('--branch <name>', 'branch that it ran on (default: that of the checkout)')
    .option('--commit <id>', 'commit that it ran on (default: that of the checkout)')
    .option('--key <file>', 'key file of Vallum; then no project is needed')
    .option('--out <file>', 'where to (default: attestations/VERSION.provenance.json)')
    .action(async (target: string | undefined, options: AttestOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/attest.js')).attestCommand(io, target, options)),
    );
  leaf(
    attest,
    'verify',
    'verify a provenance against a model folder and what you pin',
    'vallum attest verify attestations/v2.provenance.json --subject models/v2 --workflow train.yml --branch main',
  )
    .argument('<file>', 'the provenance')
    .requiredOption('--subject <dir>', 'model folder that it has to speak about; with --identity also one file')
    .option('--oms-root', 'it speaks about the root digest of OpenSSF Model Signing of the folder')
    .option('--builder <id>', 'URI of the system that must have trained')
    .option('--workflow <path>', 'workflow that must have started it; of a job as its token names it')
    .option('--branch <name>', 'branch that it must have run on')
    .option('--signer <principal>', 'principal who must have signed')
    .option('--issuer <url>', 'issuer of the CI job that must have signed, or of --identity')
    .option('--token-subject <pattern>', 'subject of that job, as its token has it')
    .option('--identity <name>', 'name in the certificate of a provenance in a Sigstore bundle')
    .option('--trusted-root <file>', 'keys of another Sigstore instance than the public one')
    .action(async (file: string, options: AttestVerifyOptions, command: Command) =>
      run(command, async (io) => (await import('../commands/attest-verify.js')).attestVerifyCommand(io, file, options)),
    );
}
