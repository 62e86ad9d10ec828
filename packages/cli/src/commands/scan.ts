// `vallum scan PATH...`: the static scan of files and folders, with or without a project around them.
import type { Severity } from '@vallum/core';
import type { Acceptance, Digests, Rules, ScanOptions, ScanReport } from '@vallum/model';
import {
  accept,
  buildRules,
  scanPath,
  scanPaths,
  threadScanner,
  toCycloneDx,
  toSarif,
  withAllowed,
} from '@vallum/model';
import type { Answer, Io } from '../answer.js';
import { exitOfOutcome } from '../exit.js';
import { scanText } from '../output/scan-text.js';
import { readNamed } from '../project/read-named.js';
import type { ScanPolicy } from '../scan/read-policy.js';
import { TOOL } from '../version.js';

// The readers of policies and baselines are loaded when one is given: most scans have none and start faster so.
const EMPTY_POLICY: ScanPolicy = { gate: undefined, allow: [], suppressions: [] };

export interface ScanCommandOptions {
  readonly format?: string;
  readonly gate?: Severity;
  readonly policy?: string;
  readonly baseline?: string;
}

export async function scanCommand(io: Io, given: readonly string[], options: ScanCommandOptions): Promise<Answer> {
  const paths = given.map((path) => path.replace(/(?<=.)\/+$/, ''));
  const policy = await policyOf(io, options);
  const acceptance = await acceptanceOf(io, options, policy);
  const rules = withAllowed(buildRules(), policy.allow);
  const seen = await report(
    io,
    paths,
    {
      gate: options.gate ?? policy.gate ?? 'high',
      rules,
      digests: digestsFor(options.format, acceptance),
      progress: io.progress.say,
      scanner: threadScanner,
    },
    options.format,
  );
  const settled = naming(policy, acceptance === undefined ? seen : accept(seen, acceptance));
  const json =
    options.format === 'sarif' || options.format === 'cyclonedx'
      ? document(io, settled, paths, rules, options.format)
      : settled;
  return { exit: exitOfOutcome(settled.outcome), text: scanText(settled, paths, io.style), json };
}

async function report(
  io: Io,
  paths: readonly string[],
  options: ScanOptions,
  format: string | undefined,
): Promise<ScanReport> {
  const [only] = paths;
  // A service that shows results beside files needs paths from where the command ran.
  if (paths.length === 1 && only !== undefined && format !== 'sarif') return scanPath(io.disk, only, options);
  return scanPaths(io.disk, paths, options);
}

function document(
  io: Io,
  report: ScanReport,
  paths: readonly string[],
  rules: Rules,
  format: 'sarif' | 'cyclonedx',
): object {
  if (format === 'sarif') return toSarif(report, rules, TOOL);
  return toCycloneDx(report, { tool: TOOL, timestamp: io.clock().toISOString(), subject: paths.join(' ') });
}

/** A pass that leans on a policy says on which names. */
function naming({ allow }: ScanPolicy, report: ScanReport): ScanReport {
  if (allow.length === 0) return report;
  return { ...report, summary: { ...report.summary, allowed: allow.flatMap(({ names }) => names) } };
}

async function policyOf(io: Io, { policy }: ScanCommandOptions): Promise<ScanPolicy> {
  if (policy === undefined) return EMPTY_POLICY;
  const { MAX_POLICY_BYTES, readScanPolicy } = await import('../scan/read-policy.js');
  const fix = 'see docs/scanner.md, "Policy"';
  return readNamed(io.disk, { path: policy, name: policy, limit: MAX_POLICY_BYTES, fix }, readScanPolicy);
}

/** Undefined where nothing was accepted, so that nothing needs to be hashed. */
async function acceptanceOf(
  io: Io,
  { baseline }: ScanCommandOptions,
  { suppressions }: ScanPolicy,
): Promise<Acceptance | undefined> {
  if (baseline === undefined && suppressions.length === 0) return undefined;
  const today = io.clock().toISOString().slice(0, 10);
  if (baseline === undefined) return { suppressions, today };
  const fix = 'make one: vallum scan PATH --format json > baseline.json';
  const { MAX_BASELINE_BYTES, readBaseline } = await import('../scan/read-baseline.js');
  const file = { path: baseline, name: baseline, limit: MAX_BASELINE_BYTES, fix };
  return { suppressions, today, baseline: await readNamed(io.disk, file, readBaseline) };
}

function digestsFor(format: string | undefined, acceptance: Acceptance | undefined): Digests {
  if (format === 'cyclonedx') return 'all';
  return format === 'json' || format === 'sarif' || acceptance !== undefined ? 'noted' : 'none';
}
