// The control `secret.scan`: keys, tokens and passwords in the project's folder - sources, notebooks with their outputs, model
// files - by the forms that `packages/detect` knows. Samples are masked before they reach a signed statement, which nobody
// could take back. The subject is the digest of exactly the files in scope (repository.ts).
import type { Blocked, ControlResult, Disk, FileDigest, Finding, Planned, RunContext, Severity } from '@vallum/core';
import { atOrAbove, digestDirectory, digestJson, inconclusive, messageOf, VallumError } from '@vallum/core';
import { rulesDigest } from '@vallum/detect';
import type { ScanBudgets } from '../budgets.js';
import { SCAN_BUDGETS } from '../budgets.js';
import type { NotExamined } from '../report.js';
import { countBySeverity } from '../report.js';
import { buildRules } from '../rules.js';
import type { AllowedSecret } from './allowed.js';
import { asParameters, holdingOn, withoutAllowed } from './allowed.js';
import { Gravest } from './gravest.js';
import type { Sighting } from './look.js';
import { lookAtFile } from './look.js';
import { digestRepository, EXCLUDED } from './repository.js';
import own from './rules.json' with { type: 'json' };

const KIND = 'secret.scan';

export interface SecretScanOptions {
  readonly disk: Disk;
  /** Folder of the project. */
  readonly root: string;
  /** Folders that another control speaks about: the feeds. */
  readonly outOfScope: readonly string[];
  readonly allowed: readonly AllowedSecret[];
  /** YYYY-MM-DD, UTC. */
  readonly today: string;
  readonly subjectName: string;
  readonly gate?: Severity;
  readonly budgets?: Partial<ScanBudgets>;
}

interface Parts extends SecretScanOptions {
  readonly files: readonly FileDigest[];
  readonly gate: Severity;
  readonly limits: ScanBudgets;
}

export async function planSecretScan(options: SecretScanOptions): Promise<Planned> {
  const { disk, root, outOfScope, subjectName } = options;
  const gate = options.gate ?? 'high';
  const allowed = holdingOn(options.today, options.allowed);
  const limits = { ...SCAN_BUDGETS, ...options.budgets };
  try {
    const files = await digestRepository(disk, root, outOfScope);
    const parts: Parts = { ...options, allowed, files, gate, limits };
    return {
      kind: KIND,
      version: '1',
      rules: digestJson({ detect: rulesDigest(), own }),
      subject: { name: subjectName, digest: { sha256: digestDirectory(files) } },
      inputs: [],
      parameters: {
        gate,
        allowed: asParameters(allowed),
        outOfScope: [...outOfScope],
        excluded: Object.keys(EXCLUDED),
        maxSeconds: limits.maxSeconds,
      },
      run: (context) => run(parts, context),
    };
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    return blocked(error);
  }
}

function blocked(error: VallumError): Blocked {
  return { kind: KIND, blocked: { code: error.code, message: messageOf(error) } };
}

/** Most findings of one project. */
const MAX_FINDINGS = 5_000;
const MAX_TOLD = 100;

async function run(parts: Parts, context: RunContext): Promise<ControlResult> {
  const { disk, root, files, allowed, outOfScope, limits: budgets } = parts;
  const rules = buildRules();
  const isGrave = ({ severity }: Finding): boolean => atOrAbove(severity, parts.gate);
  const kept = new Gravest<Finding>(MAX_FINDINGS, isGrave);
  const notExamined: NotExamined[] = [];
  let bytes = 0;
  let accepted = 0;
  for (const [at, file] of files.entries()) {
    if (at % 500 === 0) context.progress(`looking for secrets, file ${at + 1} of ${files.length}`);
    const { signal } = context;
    const looked = await lookAtFile({ disk, path: `${root}/${file.path}`, shown: file.path, rules, budgets, signal });
    bytes += looked.bytes;
    const left = withoutAllowed(file, looked, allowed);
    accepted += left.accepted;
    for (const [index, sighting] of left.sightings.entries())
      kept.add(`${at} ${index}`, findingOf(sighting, rules.finding(sighting.finding)));
    notExamined.push(...left.notExamined.map(({ what, why }) => ({ what: `${file.path}: ${what}`, why })));
  }
  const findings = kept.values;
  if (kept.left > 0) notExamined.push({ what: 'further findings', why: `${kept.left} more are not listed` });
  const coverage = { examined: { files: files.length, bytes }, notExamined: listed(notExamined) };
  const subject = digestDirectory(files);
  if (digestDirectory(await digestRepository(disk, root, outOfScope)) !== subject)
    return inconclusive('subject-changed', 'the project changed while it was scanned', coverage);
  const metrics = [
    ...Object.entries(countBySeverity(findings)).map(([severity, value]) => ({
      id: `findings.${severity}`,
      value,
      unit: 'findings',
    })),
    { id: 'secrets.allowed', value: accepted, unit: 'findings' },
  ];
  const grave = findings.filter(isGrave).length;
  if (grave > 0)
    return {
      outcome: 'fail',
      reason: { code: 'findings', message: `${grave} findings at ${parts.gate} or above` },
      findings,
      metrics,
      coverage,
    };
  const [first] = notExamined;
  if (first === undefined) return { outcome: 'pass', findings, metrics, coverage };
  return { ...inconclusive('not-examined', `${first.what}: ${first.why}`, coverage), findings, metrics };
}

function listed(notExamined: readonly NotExamined[]): readonly NotExamined[] {
  const more = notExamined.length - MAX_TOLD;
  if (more <= 0) return notExamined;
  return [...notExamined.slice(0, MAX_TOLD), { what: `${more} further parts`, why: 'they are not listed' }];
}

function findingOf(
  { rule, what, at, location }: Sighting,
  { id, severity, title, atlas, cve, cwe, fix }: ReturnType<ReturnType<typeof buildRules>['finding']>,
): Finding {
  return { rule: id, severity, message: `${title}: ${what}, ${at} [${rule}]`, location, atlas, cve, cwe, fix };
}
