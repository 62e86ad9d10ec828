// `vallum sign` and `vallum verify` on the command line.
import type { Command } from 'commander';
import { Option } from 'commander';
import type { SignCommandOptions } from '../commands/sign.js';
import type { VerifyCommandOptions } from '../commands/verify.js';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

const SIGNATURE = 'signature file, relative to the folder or absolute (default: model.sig, or FILE.sig for a file)';
const INCREMENTAL = 'read only files that look changed since the last time: faster and weaker, never evidence';
const repeated = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function addSigning(program: Command, run: Run): void {
  const sign = leaf(
    program,
    'sign',
    'sign a model: a folder or a file (OpenSSF Model Signing v1.0, by a key or with a certificate)',
    'vallum sign models/v2',
  )
    .argument('<model>', 'model folder, or a model that is one file')
    .option('--key <file>', 'private key in PEM (default: the enrolled one)')
    .option('--password-file <file>', 'file with the passphrase of an encrypted key')
    .option('--certificate <file>', 'certificate of the key in PEM: it vouches for the key')
    .option('--chain <file>', 'certificates above it in PEM, nearest first')
    .option('--signature <file>', SIGNATURE)
    .option('--ignore <path>', 'leave out a path below the folder, with all in it; may be repeated', repeated, [])
    .option('--shards', 'sign large files in pieces of 1,000,000,000 bytes, which several processors can hash')
    .option('--allow-symlinks', 'follow links that stay inside the folder')
    .option('--incremental', INCREMENTAL)
    .addOption(profile('compat names a single file as the reference does'));
  sign.action(async (model: string, options: SignCommandOptions, command: Command) =>
    run(command, async (io) => (await import('../commands/sign.js')).signCommand(io, model, options)),
  );
  const verify = leaf(
    program,
    'verify',
    'verify a signed model; names changed, missing, extra and ignored files',
    'vallum verify models/v2 --key author.pem',
  )
    .argument('<model>', 'model folder, or a model that is one file')
    .option('--key <file>', 'public key in PEM (default: the enrolled ones)')
    .option('--roots <file>', 'certificates in PEM of the authorities that may vouch for the signer')
    .option('--identity <id>', 'who must have signed: e-mail address, URI or DNS name in the certificate, exactly')
    .option('--issuer <url>', 'issuer that vouched for the identity (Sigstore keyless signatures)')
    .option('--workflow <uri>', 'workflow at which the build must have started, with its repository, without its ref')
    .option('--branch <name>', 'branch that it must have run on; a tag as refs/tags/NAME')
    .option('--trusted-root <file>', 'keys of another Sigstore instance than the public one')
    .option('--signature <file>', SIGNATURE)
    .option('--ignore-unsigned-files', 'accept files that the signature does not cover, and name them')
    .option('--incremental', INCREMENTAL)
    .addOption(profile('compat gives the verdicts of the reference implementation'));
  verify.action(async (model: string, options: VerifyCommandOptions, command: Command) =>
    run(command, async (io) => (await import('../commands/verify.js')).verifyCommand(io, model, options)),
  );
}

function profile(what: string): Option {
  return new Option('--profile <profile>', what).choices(['strict', 'compat']).default('strict');
}
