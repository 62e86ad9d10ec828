// Policy and evidence on the command line.
import type { Command } from 'commander';
import type { Run } from './leaf.js';
import { leaf } from './leaf.js';

export function addProof(program: Command, run: Run): void {
  const policy = program.command('policy').description('the requirements in force');
  leaf(policy, 'show', 'show requirements and who may do what', 'vallum policy show --format json').action(
    async (_options: unknown, command: Command) =>
      run(command, async (io) => (await import('../commands/policy.js')).policyShow(io)),
  );
  leaf(policy, 'sign', "sign a file as the organisation's floor", 'vallum policy sign policy.yaml')
    .argument('<file>', 'YAML or JSON with requirements and cedar')
    .action(async (file: string, _options: unknown, command: Command) =>
      run(command, async (io) => (await import('../commands/policy.js')).policySign(io, file)),
    );
  const evidence = program
    .command('evidence')
    .description('hand everything that was said about a version to an auditor');
  leaf(
    evidence,
    'export',
    'write one file with statements, entries, proofs and a checkpoint',
    'vallum evidence export v2 --out v2.evidence.json',
  )
    .argument('[target]', 'version')
    .option('--out <file>', 'where to (default: PROJECT-VERSION.evidence.json)')
    .action(async (target: string | undefined, options: { out?: string }, command: Command) =>
      run(command, async (io) => (await import('../commands/evidence.js')).exportCommand(io, target, options)),
    );
  leaf(
    evidence,
    'verify',
    'verify an export offline; needs no project',
    'vallum evidence verify v2.evidence.json --trust trust.json',
  )
    .argument('<file>', 'the export')
    .requiredOption('--trust <file>', 'trust.json from somebody you believe')
    .action(async (file: string, options: { trust: string }, command: Command) =>
      run(command, async (io) => (await import('../commands/evidence.js')).verifyExportCommand(io, file, options)),
    );
}
