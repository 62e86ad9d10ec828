// The library function behind `vallum scan` and the control `artifact.scan`: scans a file or a folder and answers the
// JSON contract. Nothing is loaded or executed, no link is followed, and files are read in pieces.
import type { Disk, FileStat, Severity } from '@vallum/core';
import { messageOf } from '@vallum/core';
import { posix } from 'node:path';
import type { ScanBudgets } from './budgets.js';
import { SCAN_BUDGETS } from './budgets.js';
import type { Scratch } from './context.js';
import { UNKNOWN_CONTENT } from './examine.js';
import type { FileReport, ScanReport } from './report.js';
import { Notes, outcomeOf, reportOf } from './report.js';
import type { Rules } from './rules.js';
import { buildRules } from './rules.js';
import type { Digests, FileJob, FileResult, FileScanner, FileSetting } from './scan-file.js';
import { fileScanner } from './scan-file.js';

export interface ScanOptions {
  /** Findings at or above it fail; default `high`. */
  readonly gate?: Severity;
  readonly budgets?: Partial<ScanBudgets>;
  readonly rules?: Rules;
  readonly signal?: AbortSignal;
  readonly progress?: (message: string) => void;
  /** Whether a path below the folder is scanned; default all. */
  readonly keep?: (path: string) => boolean;
  /** Default `none`. */
  readonly digests?: Digests;
  /** Where unpacked bytes go that are too many for memory; default the system's folder for temporary files. */
  readonly scratch?: Scratch;
  /** Milliseconds since some fixed moment, for the time that one file may take. */
  readonly clock?: () => number;
  /** Who scans the files; default this thread. */
  readonly scanner?: (setting: FileSetting) => FileScanner;
}

/** @throws VallumError `DISK_READ` when the path itself cannot be read; unreadable files below it are notExamined */
export async function scanPath(disk: Disk, path: string, options: ScanOptions = {}): Promise<ScanReport> {
  const gate = options.gate ?? 'high';
  const rules = options.rules ?? buildRules();
  const budgets = { ...SCAN_BUDGETS, ...options.budgets };
  const { scratch, clock, digests = 'none' } = options;
  const scanner = (options.scanner ?? fileScanner)({ disk, rules, budgets, gate, digests, scratch, clock });
  const found = stepsOf(disk, path, options.keep ?? (() => true), budgets.maxFiles);
  const work = async (step: Step): Promise<FileResult> => {
    options.progress?.(step.shown);
    return 'path' in step ? scanner.scan(step, options.signal) : refused(step, rules, gate);
  };
  const results = await inOrder(found, scanner, work).finally(() => scanner.close());
  const claimed = new Set(results.flatMap((result) => result.claims));
  const files = results.map(({ report }) => settle(report, claimed, gate));
  const bytes = results.reduce((sum, result) => sum + result.bytes, 0);
  return reportOf(files, { gate, rules: rules.digest, bytes });
}

/** Several paths as one report; each file's path then starts with the path that led to it. */
export async function scanPaths(disk: Disk, paths: readonly string[], options: ScanOptions = {}): Promise<ScanReport> {
  const reports: ScanReport[] = [];
  for (const path of paths) reports.push(rooted(await scanPath(disk, path, options), path, await disk.stat(path)));
  const [first] = reports;
  const rules = first?.summary.rules ?? (options.rules ?? buildRules()).digest;
  const bytes = reports.reduce((sum, { summary }) => sum + summary.bytes, 0);
  return reportOf(
    reports.flatMap(({ files }) => files),
    { gate: options.gate ?? 'high', rules, bytes },
  );
}

/** The report with paths as seen from where `path` starts. */
function rooted(report: ScanReport, path: string, stat: FileStat | undefined): ScanReport {
  const folder = stat?.kind === 'directory';
  const under = (shown: string): string => (folder ? posix.join(path, shown) : path);
  const files = report.files.map((file) => ({
    ...file,
    path: under(file.path),
    findings: file.findings.map((one) => ({ ...one, location: { ...one.location, file: under(file.path) } })),
  }));
  return { ...report, files };
}

/** Something that is there and is not scanned. */
interface Refusal {
  readonly shown: string;
  readonly what: string;
  readonly why: string;
  readonly finding?: string;
}

type Step = FileJob | Refusal;

function refused({ shown, what, why, finding }: Refusal, rules: Rules, gate: Severity): FileResult {
  const notes = new Notes(rules, shown);
  if (finding !== undefined) notes.find({ rule: 'VLM-FIL-005', detail: finding }, undefined);
  notes.skip(what, why);
  const { findings, notExamined } = notes;
  const outcome = outcomeOf(findings, notExamined, gate);
  return { report: { path: shown, formats: [], outcome, findings, notExamined }, bytes: 0, claims: [] };
}

const MAX_NESTING = 32;

async function* stepsOf(
  disk: Disk,
  path: string,
  keep: (path: string) => boolean,
  maxFiles: number,
): AsyncGenerator<Step> {
  const stat = await disk.stat(path);
  const name = path.split('/').at(-1) ?? path;
  // Opening what is not there says why in the words of the disk.
  if (stat === undefined) await disk.open(path).then((file) => file.close());
  else if (stat.kind === 'file') yield { path, shown: name };
  else if (stat.kind !== 'directory') yield refusal(name, stat.kind);
  else {
    let files = 0;
    for await (const step of walk(disk, path, '', 0, keep)) {
      if (files++ >= maxFiles) {
        yield { shown: '', what: 'further files', why: `there are more than ${maxFiles}` };
        return;
      }
      yield step;
    }
  }
}

async function* walk(
  disk: Disk,
  root: string,
  prefix: string,
  depth: number,
  keep: (path: string) => boolean,
): AsyncGenerator<Step> {
  if (depth > MAX_NESTING) {
    yield { shown: prefix, what: 'the folder', why: `it is nested deeper than ${MAX_NESTING}` };
    return;
  }
  const listed = await namesIn(disk, prefix === '' ? root : `${root}/${prefix}`).catch((error: unknown) => {
    // What cannot be listed at all is no folder to scan; below it, it must not keep the others from being scanned.
    if (prefix === '') throw error;
    return messageOf(error);
  });
  if (typeof listed === 'string') {
    yield { shown: prefix, what: 'the folder', why: listed };
    return;
  }
  if (listed.invalid > 0)
    yield { shown: prefix, what: `${listed.invalid} files of the folder`, why: 'their names are not valid UTF-8' };
  for (const name of listed.names) {
    const shown = prefix === '' ? name : `${prefix}/${name}`;
    if (!keep(shown)) continue;
    const kind = await kindOf(disk, `${root}/${shown}`);
    if (kind === 'directory') yield* walk(disk, root, shown, depth + 1, keep);
    else if (kind === 'file') yield { path: `${root}/${shown}`, shown };
    else yield refusal(shown, kind ?? 'gone while it was listed');
  }
}

/** Whoever writes a file into a folder must not keep its neighbours from being scanned by the name of that file. */
async function namesIn(
  disk: Disk,
  path: string,
): Promise<{ readonly names: readonly string[]; readonly invalid: number }> {
  return disk.listValid === undefined ? { names: await disk.list(path), invalid: 0 } : disk.listValid(path);
}

async function kindOf(disk: Disk, path: string): Promise<string | undefined> {
  try {
    return (await disk.stat(path))?.kind;
  } catch (error) {
    return messageOf(error);
  }
}

function refusal(shown: string, kind: string): Refusal {
  return { shown, what: 'the file', why: 'links and special files are not followed', finding: kind };
}

/** Results in the order of the steps, with no more of them under way than the scanner takes. */
async function inOrder<T, R>(
  steps: AsyncIterable<T>,
  scanner: FileScanner,
  work: (step: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const running = new Set<Promise<void>>();
  let index = 0;
  for await (const step of steps) {
    const at = index++;
    const one = work(step).then((result) => {
      results[at] = result;
      running.delete(one);
    });
    running.add(one);
    // Once one has failed, nobody waits for the others.
    one.catch(() => undefined);
    if (running.size >= scanner.width) await Promise.race(running);
  }
  await Promise.all(running);
  return results;
}

/** Raw numbers are of no known format, and that is fine where a model says that they are its weights. */
function settle(file: FileReport, claimed: ReadonlySet<string>, gate: Severity): FileReport {
  if (file.formats.length > 0 || !claimed.has(file.path)) return file;
  const notExamined = file.notExamined.filter(({ what }) => what !== UNKNOWN_CONTENT);
  return { ...file, formats: ['external-data'], notExamined, outcome: outcomeOf(file.findings, notExamined, gate) };
}
