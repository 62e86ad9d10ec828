// The command line: names, options and help. Each command is loaded only when it is called.
import { Command, CommanderError, Option } from 'commander';
import type { ExitCode } from './exit.js';
import { EXIT } from './exit.js';
import type { GlobalOptions } from './run-command.js';
import { addActs } from './program/acts.js';
import { addAttest } from './program/attest.js';
import { addData } from './program/data.js';
import { addDrift } from './program/drift.js';
import { addEnvironment } from './program/environment.js';
import type { Run } from './program/leaf.js';
import { addIdentity } from './program/identity.js';
import { addGateway } from './program/gateway.js';
import { addLedger } from './program/ledger.js';
import { addMainJob } from './program/main-job.js';
import { addMonitor } from './program/monitor.js';
import { addProof } from './program/proof.js';
import { addScan } from './program/scan.js';
import { addSigning } from './program/signing.js';
import { addTrust } from './program/trust.js';
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
  const groups = [
    addMainJob,
    addScan,
    addEnvironment,
    addSigning,
    addAttest,
    addTrust,
    addIdentity,
    addActs,
    addData,
    addDrift,
    addMonitor,
    addGateway,
    addProof,
    addLedger,
  ];
  for (const add of groups) add(program, run);
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
