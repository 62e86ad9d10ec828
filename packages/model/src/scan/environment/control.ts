// The control `dep.scan`: the environment that a version was trained in, as files captured it, beside its own rules, its own
// records and a supplied list of advisories. Without a list nobody can say "no known vulnerability": that is inconclusive,
// reason `no-advisories`. The subject is the environment, the list is an input: a newer list makes the evidence stale.
import type { Blocked, ControlResult, Disk, Finding, Input, Planned, RunContext, Severity } from '@vallum/core';
import { atOrAbove, digestFile, inconclusive, listFiles, messageOf, SEVERITIES, VallumError } from '@vallum/core';
import type { Environment } from '@vallum/formats';
import { ENVIRONMENT_LIMITS, readEnvironment } from '@vallum/formats';
import { posix } from 'node:path';
import type { AdvisoryFile } from './advisories/read-advisories.js';
import { advisoriesDigest, readAdvisories } from './advisories/read-advisories.js';
import { matchAdvisories } from './advisories/match.js';
import type { Capture } from './captures.js';
import { findCaptures, readCapture, subjectOf } from './captures.js';
import { judgeEnvironment, withoutPasswords } from './judge-environment.js';
import type { EnvironmentRules } from './rules.js';
import { environmentRules } from './rules.js';
import { checkSitePackages } from './site-packages.js';

const KIND = 'dep.scan';

export interface DepScanOptions {
  readonly disk: Disk;
  /** Folder of the project; every path is relative to it. */
  readonly root: string;
  /** Capture files and site-packages folders. */
  readonly environment: readonly string[];
  /** A file or folder of OSV advisories. */
  readonly advisories?: string;
  readonly subjectName: string;
  readonly gate?: Severity;
}

interface Parts extends DepScanOptions {
  readonly captures: readonly Capture[];
  readonly advisoryFiles: readonly AdvisoryFile[];
  readonly rules: EnvironmentRules;
  readonly gate: Severity;
}

export async function planDepScan(options: DepScanOptions): Promise<Planned> {
  const { disk, root, environment, advisories } = options;
  const rules = environmentRules();
  const gate = options.gate ?? 'high';
  try {
    const captures = await findCaptures(disk, root, environment);
    const advisoryFiles = advisories === undefined ? [] : await findAdvisories(disk, `${root}/${advisories}`);
    const list: Input =
      advisoryFiles.length === 0
        ? { name: 'advisories', absent: true }
        : { name: 'advisories', digest: { sha256: advisoriesDigest(advisoryFiles) } };
    const parts: Parts = { ...options, captures, advisoryFiles, rules, gate };
    return {
      kind: KIND,
      version: '1',
      rules: rules.digest,
      subject: subjectOf(options.subjectName, captures),
      inputs: [...captures.map(({ path, sha256 }) => ({ name: path, digest: { sha256 } })), list],
      parameters: { gate },
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

/** @throws VallumError `ADVISORIES_MISSING` */
async function findAdvisories(disk: Disk, path: string): Promise<readonly AdvisoryFile[]> {
  const kind = (await disk.stat(path))?.kind;
  if (kind === 'file') return [{ path: '', sha256: await digestFile(disk, path) }];
  if (kind !== 'directory')
    throw new VallumError('ADVISORIES_MISSING', `the advisories that vallum.yaml names are not at ${path}`, {
      fix: 'put OSV files there, or remove the key advisories',
    });
  const names = (await listFiles(disk, path)).filter((name) => /\.jsonl?$/.test(name));
  const files: AdvisoryFile[] = [];
  for (const name of names) files.push({ path: name, sha256: await digestFile(disk, `${path}/${name}`) });
  return files;
}

interface Seen {
  readonly captures: { readonly path: string; readonly environment: Environment }[];
  readonly findings: Finding[];
  readonly notExamined: { what: string; why: string }[];
  /** What keeps the captures from being whole. */
  readonly unread: { what: string; why: string }[];
}

async function run(parts: Parts, context: RunContext): Promise<ControlResult> {
  const { rules, captures } = parts;
  const seen: Seen = { captures: [], findings: [], notExamined: [], unread: [] };
  for (const capture of captures) {
    context.progress(`reading ${capture.path}`);
    await look(parts, capture, seen, context);
  }
  for (const { path, environment } of seen.captures) {
    seen.findings.push(...judgeEnvironment(environment, path, rules));
    noteUnread(seen, path, environment, captures);
  }
  const packages = seen.captures.flatMap(({ path, environment }) =>
    environment.packages.map((one) => ({ file: path, package: one })),
  );
  const list = await readAdvisories(
    parts.disk,
    `${parts.root}/${parts.advisories ?? ''}`,
    parts.advisoryFiles,
    context.signal,
  );
  const matched = matchAdvisories(packages, list.advisories, rules);
  seen.findings.push(...matched.findings);
  const conda = packages.filter((one) => one.package.ecosystem === 'conda').length;
  if (conda > 0)
    seen.notExamined.push({
      what: `advisories of ${conda} conda packages`,
      why: 'only advisories of the PyPI ecosystem are read; they are compared by name',
    });
  if (list.advisories.length === 0)
    seen.notExamined.push({ what: 'known vulnerabilities', why: 'no list of advisories was given' });
  const unsure = matched.unsure.map((what) => ({ what, why: 'its version cannot be compared with the advisory' }));
  return answer(parts, {
    seen,
    packages: packages.length,
    advisories: list.advisories.length,
    undecided: [...list.unread, ...unsure],
  });
}

async function look({ disk, root, rules }: Parts, capture: Capture, seen: Seen, { signal }: RunContext): Promise<void> {
  const { path, kind, files } = capture;
  if (kind === 'folder') {
    const site = await checkSitePackages({ disk, dir: `${root}/${path}`, shown: path, files, rules, signal });
    seen.captures.push({ path, environment: site.environment });
    seen.findings.push(...site.findings);
    if (site.outside > 0)
      seen.notExamined.push({
        what: `${path}: ${site.outside} files that RECORDs name`,
        why: 'they are outside the folder, as scripts are',
      });
    return;
  }
  try {
    const bytes = await readCapture(disk, root, capture, ENVIRONMENT_LIMITS.maxBytes);
    seen.captures.push({ path, environment: readEnvironment(posix.basename(path), bytes) });
  } catch (error) {
    signal.throwIfAborted();
    seen.unread.push({ what: path, why: messageOf(error) });
  }
}

/** A file that another one names is read where it is declared too. */
function noteUnread(seen: Seen, path: string, { packages, notes }: Environment, captures: readonly Capture[]): void {
  for (const { code, text, line } of notes) {
    const what = line === undefined ? path : `${path}, line ${line}`;
    if (code === 'unread') seen.unread.push({ what, why: `not read: ${withoutPasswords(text)}` });
    else {
      const other = fileNamed(text.replace(/^\S+\s+/, ''), path);
      if (!captures.some((capture) => capture.path === other.path))
        seen.unread.push({ what, why: `it names ${withoutPasswords(other.shown)}, ${other.why}` });
    }
  }
  if (packages.length === 0) seen.unread.push({ what: path, why: 'it names no package' });
}

interface Named {
  readonly path?: string;
  readonly shown: string;
  readonly why: string;
}

/** What `-r` or `-c` names: an address, a place of one machine or of its settings, or a file beside this one. */
function fileNamed(name: string, from: string): Named {
  if (/^[a-z][a-z0-9+.-]*:/i.test(name)) return { shown: name, why: 'which is fetched anew at every installation' };
  if (/^[/\\]|\$\{/.test(name)) return { shown: name, why: 'which is no file of the project' };
  const path = posix.join(posix.dirname(from), name);
  return { path, shown: path, why: 'which vallum.yaml does not declare' };
}

interface Totals {
  readonly seen: Seen;
  readonly packages: number;
  readonly advisories: number;
  readonly undecided: readonly { readonly what: string; readonly why: string }[];
}

const MAX_TOLD = 100;

function answer({ gate, captures }: Parts, { seen, packages, advisories, undecided }: Totals): ControlResult {
  const { findings, unread } = seen;
  const all = [...unread, ...undecided, ...seen.notExamined];
  const more = { what: `${all.length - MAX_TOLD} more`, why: `only ${MAX_TOLD} are told` };
  const notExamined = all.length > MAX_TOLD ? [...all.slice(0, MAX_TOLD), more] : all;
  const files = captures.reduce((sum, capture) => sum + Math.max(1, capture.files.size), 0);
  const coverage = { examined: { files, rows: packages }, notExamined };
  const counts = SEVERITIES.map((severity) => ({
    id: `findings.${severity}`,
    value: findings.filter((finding) => finding.severity === severity).length,
    unit: 'findings',
  }));
  const metrics = [
    ...counts,
    { id: 'packages', value: packages, unit: 'packages' },
    { id: 'advisories', value: advisories, unit: 'advisories' },
  ];
  const grave = findings.filter(({ severity }) => atOrAbove(severity, gate));
  if (grave.length > 0) {
    const reason = { code: 'findings', message: `${grave.length} findings at ${gate} or above` };
    return { outcome: 'fail', reason, findings, metrics, coverage };
  }
  const [hole] = [...unread, ...undecided];
  const why =
    hole !== undefined
      ? { code: 'not-examined', message: `${hole.what}: ${hole.why}` }
      : advisories === 0
        ? { code: 'no-advisories', message: 'no list of advisories was given, so known vulnerabilities are unknown' }
        : undefined;
  if (why === undefined) return { outcome: 'pass', findings, metrics, coverage };
  return { ...inconclusive(why.code, why.message, coverage), findings, metrics };
}
