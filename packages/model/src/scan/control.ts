// The control `artifact.scan`: the scanner bound to one model folder, as the runner plans, reuses and signs it.
import type { ControlResult, Disk, JsonObject, RunContext, Severity, Subject, Task } from '@vallum/core';
import { digestDirectory, digestTree, inconclusive } from '@vallum/core';
import type { ScanBudgets } from './budgets.js';
import { SCAN_BUDGETS } from './budgets.js';
import { countBySeverity } from './report.js';
import type { Rules } from './rules.js';
import { buildRules } from './rules.js';
import { scanPath } from './scan-path.js';

/** The detached signature is examined like any file and is no part of the subject's digest. */
const SIGNATURE = 'model.sig';

export interface ArtifactScanOptions {
  readonly disk: Disk;
  /** The model folder. */
  readonly dir: string;
  /** Its directory digest, without the detached signature. */
  readonly subject: Subject;
  readonly gate?: Severity;
  readonly budgets?: Partial<ScanBudgets>;
  readonly rules?: Rules;
}

export function planArtifactScan(options: ArtifactScanOptions): Promise<Task> {
  const rules = options.rules ?? buildRules();
  const gate = options.gate ?? 'high';
  const budgets = { ...SCAN_BUDGETS, ...options.budgets };
  const parameters: JsonObject = { gate, budgets: { ...budgets } };
  return Promise.resolve({
    kind: 'artifact.scan',
    version: '1',
    rules: rules.digest,
    subject: options.subject,
    inputs: [],
    parameters,
    run: (context) => run({ ...options, rules, gate, budgets }, context),
  });
}

async function run(
  options: ArtifactScanOptions & { readonly rules: Rules; readonly gate: Severity; readonly budgets: ScanBudgets },
  context: RunContext,
): Promise<ControlResult> {
  const { disk, dir, subject, rules, gate, budgets } = options;
  const { signal, progress } = context;
  const report = await scanPath(disk, dir, { rules, gate, budgets, signal, progress });
  const { findings: counts, files, bytes } = report.summary;
  const notExamined = report.files.flatMap((file) =>
    file.notExamined.map(({ what, why }) => ({ what: `${file.path}: ${what}`, why })),
  );
  const coverage = { examined: { files, bytes }, notExamined };
  const digests = await digestTree(disk, dir, (path) => path !== SIGNATURE);
  if (digestDirectory(digests) !== subject.digest.sha256)
    return inconclusive('subject-changed', 'the model changed while it was scanned', coverage);
  const findings = report.files.flatMap((file) => file.findings);
  const metrics = Object.entries(countBySeverity(findings)).map(([severity, value]) => ({
    id: `findings.${severity}`,
    value,
    unit: 'findings',
  }));
  const result = { outcome: report.outcome, findings, metrics, coverage };
  if (report.outcome === 'pass') return result;
  const [first] = notExamined;
  const reason =
    report.outcome === 'fail'
      ? { code: 'findings', message: `${counts.critical} critical and ${counts.high} high findings` }
      : {
          code: 'not-examined',
          message: first === undefined ? 'a part was not examined' : `${first.what}: ${first.why}`,
        };
  return { ...result, reason };
}
