// The command line: names, options and help. Each command is loaded only when it is called.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Answer, Io } from './answer.js';
import type { ScanCommandOptions } from './commands/scan.js';
import type { ExitCode } from './exit.js';
import { EXIT } from './exit.js';
import type { GlobalOptions } from './run-command.js';
import { runCommand } from './run-command.js';
import { printUsage } from './usage.js';
import { TOOL } from './version.js';

/** Runs one command line. @returns the exit code of the process */
export async function runProgram(args: readonly string[]): Promise<ExitCode> {
  let exit: ExitCode = EXIT.pass;
  const program = buildProgram((code) => (exit = code));
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are answers; everything else that commander refuses is wrong use.
    return error.exitCode === 0 ? EXIT.pass : printUsage(error, program, args);
  }
}

type Run = (command: Command, work: (io: Io) => Promise<Answer>) => Promise<void>;

function buildProgram(done: (code: ExitCode) => void): Command {
  const run: Run = async (command, work) => {
    // What stands after the name of the command wins over what stands before it.
    const options = { ...program.opts<GlobalOptions>(), ...command.opts<GlobalOptions>() };
    done(await runCommand(options, work));
  };
  const program = new Command('vallum')
    .description('Signed evidence and one verdict for every machine-learning model version.')
    .version(TOOL.version, '-V, --version')
    .option('-C, --project <dir>', 'folder of the project (default: this folder)')
    .addOption(
      new Option('--format <format>', 'text for people (default), json for machines').choices(['text', 'json']),
    )
    .option('--trust-root <fingerprint>', 'believe this root instead of the pinned one')
    .addHelpText('after', HELP)
    .configureOutput({ outputError: () => undefined })
    .enablePositionalOptions()
    .exitOverride();
  addMainJob(program, run);
  addFiles(program, run);
  addPeople(program, run);
  addProof(program, run);
  return program;
}

const HELP = `
Examples:
  vallum init                                  draft vallum.yaml from what is here
  vallum check v2                              run what is needed, print the verdict
  vallum gate v2 --action promote              decide from the evidence at hand
  vallum scan models/v2                        look for code in model files, execute nothing
  vallum waive robustness.evasion v1 --accept "evasion-rate<=0.98" --until 2027-06-30 --reason "second stage behind it"

Exit codes: 0 pass, 1 refused or findings, 2 not proven, 3 wrong use, 4 internal error.
VALLUM_KEYS is the folder of the acting person's keys (default: vallum in the user's configuration folder).`;

const action = (): Option =>
  new Option('--action <action>', 'what the verdict is for').choices(['promote', 'deploy', 'export']).default('deploy');

/** A command with an example and the options that every command understands, also after its name. */
function leaf(
  parent: Command,
  name: string,
  description: string,
  example: string,
  formats: readonly string[] = ['text', 'json'],
): Command {
  return parent
    .command(name)
    .description(description)
    .addHelpText('after', `\nExample:\n  ${example}`)
    .addOption(new Option('-C, --project <dir>', 'folder of the project'))
    .addOption(
      new Option('--format <format>', `${formats.slice(0, -1).join(', ')} or ${formats.at(-1) ?? ''}`).choices(formats),
    )
    .addOption(new Option('--trust-root <fingerprint>', 'believe this root instead of the pinned one'));
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError('Give a number of seconds above 0, at most 86400.');
}

function addMainJob(program: Command, run: Run): void {
  leaf(
    program,
    'check',
    'run the controls that a version needs, write evidence, print the verdict',
    'vallum check v2 --action promote',
  )
    .argument('[target]', 'version, such as v2, or its model folder')
    .addOption(action())
    .option('--timeout <seconds>', 'time that one control may take', seconds, 300)
    .action(async (target: string | undefined, options: { action: string; timeout: number }, command: Command) =>
      run(command, async (io) => (await import('./commands/check.js')).checkCommand(io, target, options)),
    );
  leaf(
    program,
    'gate',
    'decide from the evidence at hand; runs nothing',
    'vallum gate v2 --action deploy --format json',
  )
    .argument('[target]', 'version, such as v2, or its model folder')
    .addOption(action())
    .action(async (target: string | undefined, options: { action: string }, command: Command) =>
      run(command, async (io) => (await import('./commands/check.js')).gateCommand(io, target, options)),
    );
  leaf(program, 'init', 'draft vallum.yaml from what the project already has', 'vallum init').action(
    async (_options: unknown, command: Command) =>
      run(command, async (io) => (await import('./commands/init.js')).initCommand(io)),
  );
}

function addFiles(program: Command, run: Run): void {
  leaf(
    program,
    'scan',
    'scan model files, folders and archives; never loads, never executes',
    'vallum scan models/v2 model.pkl --gate medium',
    ['text', 'json', 'sarif', 'cyclonedx'],
  )
    .argument('<path...>', 'files or folders')
    .addOption(
      new Option('--gate <severity>', "findings from here on fail (default: the policy's, else high)").choices([
        'critical',
        'high',
        'medium',
        'low',
      ]),
    )
    .option('--policy <file>', 'gate, names of your own for pickles, suppressions with reason, digest and last day')
    .option('--baseline <file>', 'an earlier --format json: only what is new fails')
    .action(async (paths: readonly string[], options: ScanCommandOptions, command: Command) =>
      run(command, async (io) => {
        const format = command.optsWithGlobals<{ format?: string }>().format;
        return (await import('./commands/scan.js')).scanCommand(io, paths, {
          ...options,
          ...(format === undefined ? {} : { format }),
        });
      }),
    );
  const keyed = (command: Command, what: string): Command =>
    command
      .argument('<dir>', 'model folder')
      .option('--key <file>', `${what} key in PEM (default: the enrolled one)`)
      .option('--signature <file>', 'signature file, relative to the folder (default: model.sig)');
  keyed(
    leaf(program, 'sign', 'sign a model folder (OpenSSF Model Signing v1.0, key method)', 'vallum sign models/v2'),
    'private',
  ).action(async (dir: string, options: { key?: string; signature?: string }, command: Command) =>
    run(command, async (io) => (await import('./commands/sign.js')).signCommand(io, dir, options)),
  );
  keyed(
    leaf(
      program,
      'verify',
      'verify a signed model folder; names changed, missing and extra files',
      'vallum verify models/v2 --key author.pem',
    ),
    'public',
  ).action(async (dir: string, options: { key?: string; signature?: string }, command: Command) =>
    run(command, async (io) => (await import('./commands/sign.js')).verifyCommand(io, dir, options)),
  );
}

function addPeople(program: Command, run: Run): void {
  const trust = program.command('trust').description('who may say what, and which root this machine believes');
  leaf(trust, 'init', 'make and pin a root, enrol a small team, sign the default policy', 'vallum trust init').action(
    async (_options: unknown, command: Command) =>
      run(command, async (io) => (await import('./commands/trust.js')).trustInit(io)),
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
      run(command, async (io) => (await import('./commands/trust.js')).trustEnrol(io, id, options)),
    );
  leaf(
    trust,
    'pin',
    'believe this root for the project',
    'vallum trust pin e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  )
    .argument('<fingerprint>', 'of the root, 64 hexadecimal digits')
    .action(async (fingerprint: string, _options: unknown, command: Command) =>
      run(command, async (io) => (await import('./commands/trust.js')).trustPin(io, fingerprint)),
    );
  leaf(trust, 'show', 'show the root and who is enrolled', 'vallum trust show').action(
    async (_options: unknown, command: Command) =>
      run(command, async (io) => (await import('./commands/trust.js')).trustShow(io)),
  );
  leaf(
    program,
    'approve',
    'approve a version when everything else holds, or a waiver',
    'vallum approve v2 --note "reviewed the poisoning report"',
  )
    .argument('<what>', 'version, or the id of a waiver')
    .addOption(action())
    .option('--note <text>', "the approver's own words", '')
    .action(async (what: string, options: { action: string; note: string }, command: Command) =>
      run(command, async (io) => (await import('./commands/approve.js')).approveCommand(io, what, options)),
    );
  leaf(
    program,
    'waive',
    'ask for one exception; it counts when a second person approved it',
    'vallum waive robustness.evasion v1 --accept "evasion-rate<=0.98" --until 2027-06-30 --reason "second stage behind it"',
  )
    .argument('<requirement>', 'id of the requirement, see vallum policy show')
    .argument('<target>', 'version')
    .requiredOption('--accept <what>', 'METRIC<=NUMBER, METRIC>=NUMBER or a reason code')
    .requiredOption('--until <date>', 'the waiver counts before this date, UTC')
    .requiredOption('--reason <text>', 'why, for everybody who reads a verdict')
    .action(
      async (
        requirement: string,
        target: string,
        options: { accept: string; until: string; reason: string },
        command: Command,
      ) =>
        run(command, async (io) =>
          (await import('./commands/waive.js')).waiveCommand(io, requirement, target, options),
        ),
    );
  leaf(
    program,
    'revoke',
    'take back a statement, or all by a key, a tool version, a ruleset or about a subject',
    'vallum revoke 3fb1c0a2 --reason "the runner was compromised"',
  )
    .argument('[statement]', 'id of a statement, at least 8 digits')
    .option('--key <id>', 'all that this key signed')
    .option('--tool <version>', 'all that this version of Vallum made')
    .option('--ruleset <digest>', 'all that this ruleset found')
    .option('--subject <digest>', 'all that was said about this subject')
    .requiredOption('--reason <text>', 'why')
    .action(async (statement: string | undefined, options: { reason: string }, command: Command) =>
      run(command, async (io) => (await import('./commands/revoke.js')).revokeCommand(io, statement, options)),
    );
}

function addProof(program: Command, run: Run): void {
  const policy = program.command('policy').description('the requirements in force');
  leaf(policy, 'show', 'show requirements and who may do what', 'vallum policy show --format json').action(
    async (_options: unknown, command: Command) =>
      run(command, async (io) => (await import('./commands/policy.js')).policyShow(io)),
  );
  leaf(policy, 'sign', "sign a file as the organisation's floor", 'vallum policy sign policy.yaml')
    .argument('<file>', 'YAML or JSON with requirements and cedar')
    .action(async (file: string, _options: unknown, command: Command) =>
      run(command, async (io) => (await import('./commands/policy.js')).policySign(io, file)),
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
      run(command, async (io) => (await import('./commands/evidence.js')).exportCommand(io, target, options)),
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
      run(command, async (io) => (await import('./commands/evidence.js')).verifyExportCommand(io, file, options)),
    );
  const ledger = program.command('ledger').description('the append-only log');
  leaf(
    ledger,
    'fsck',
    'rebuild every tile from the entries and every id from its envelope',
    'vallum ledger fsck',
  ).action(async (_options: unknown, command: Command) =>
    run(command, async (io) => (await import('./commands/ledger.js')).fsckCommand(io)),
  );
}
