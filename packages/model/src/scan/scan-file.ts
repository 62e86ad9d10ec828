// Scans one file. What comes back is plain data, so that a file may as well be scanned by another thread.
import type { Disk, OpenFile, Severity, Sha256 } from '@vallum/core';
import { digestFile, messageOf, parent } from '@vallum/core';
import { posix } from 'node:path';
import type { ScanBudgets } from './budgets.js';
import type { Context, Scratch } from './context.js';
import { diskScratch } from './edge/scratch.js';
import { examine } from './examine.js';
import type { PickleRules } from './pickle/judge.js';
import { pickleRules } from './pickle/judge.js';
import type { FileReport } from './report.js';
import { Notes, outcomeOf } from './report.js';
import type { Rules } from './rules.js';

export interface FileJob {
  /** Where the file is. */
  readonly path: string;
  /** Its path in the report. */
  readonly shown: string;
}

export interface FileResult {
  readonly report: FileReport;
  readonly bytes: number;
  /** Paths, as shown, of files that this one names as its data. */
  readonly claims: readonly string[];
}

/** Whoever scans files: this thread, or others. */
export interface FileScanner {
  /** How many files it can work on at once, from now on. */
  readonly width: number;
  scan(job: FileJob, signal?: AbortSignal): Promise<FileResult>;
  close(): Promise<void>;
}

/** Which files get their SHA-256 in the report: those where something was seen, all, or none, which is quickest. */
export type Digests = 'none' | 'noted' | 'all';

export interface FileSetting {
  readonly disk: Disk;
  readonly rules: Rules;
  readonly budgets: ScanBudgets;
  /** Findings at or above it fail. */
  readonly gate: Severity;
  readonly digests: Digests;
  /** Default: files in the system's folder for temporary files. */
  readonly scratch?: Scratch | undefined;
  /** Milliseconds since some fixed moment; default `performance.now`. */
  readonly clock?: (() => number) | undefined;
}

/** Scans on this thread, one file after the other. */
export function fileScanner(setting: FileSetting): FileScanner {
  const pickle = pickleRules(setting.rules);
  return {
    width: 1,
    scan: (job, signal) => scanFile({ ...setting, pickle, signal }, job),
    close: async () => {},
  };
}

interface Setting extends FileSetting {
  readonly pickle: PickleRules;
  readonly signal: AbortSignal | undefined;
}

async function scanFile(setting: Setting, { path, shown }: FileJob): Promise<FileResult> {
  const { disk, rules, gate, signal } = setting;
  signal?.throwIfAborted();
  const notes = new Notes(rules, shown);
  const claims = new Set<string>();
  let formats: readonly string[] = [];
  let file: OpenFile | undefined;
  try {
    file = await disk.open(path);
    formats = await examine(contextOf(setting, notes, { path, shown }, claims), {
      source: file,
      name: shown,
      depth: 0,
    });
  } catch (error) {
    signal?.throwIfAborted();
    notes.skip('the file', messageOf(error));
  } finally {
    await file?.close();
  }
  const digest = await digestOf(setting, path, notes);
  const { findings, notExamined } = notes;
  const outcome = outcomeOf(findings, notExamined, gate);
  return {
    report: {
      path: shown,
      ...(digest === undefined ? {} : { sha256: digest }),
      formats,
      outcome,
      findings,
      notExamined,
    },
    bytes: file?.size ?? 0,
    claims: [...claims],
  };
}

async function digestOf({ disk, digests }: Setting, path: string, notes: Notes): Promise<Sha256 | undefined> {
  const noted = notes.findings.length > 0 || notes.notExamined.length > 0;
  if (digests === 'none' || (digests === 'noted' && !noted)) return undefined;
  try {
    return await digestFile(disk, path);
  } catch (error) {
    return void notes.skip('its digest', messageOf(error));
  }
}

function contextOf(setting: Setting, notes: Notes, { path, shown }: FileJob, claims: Set<string>): Context {
  const { disk, rules, pickle, budgets, signal } = setting;
  const folder = parent(path);
  const clock = setting.clock ?? (() => performance.now());
  const context: Context = {
    rules,
    pickle,
    budgets,
    notes,
    spent: { unpacked: 0, entries: 0, constants: 0 },
    scratch: setting.scratch ?? diskScratch(),
    clock,
    started: clock(),
    signal,
    claim: (relative) => void claims.add(posix.join(posix.dirname(shown), relative)),
    near: (relative) => disk.stat(`${folder}/${relative}`),
    inside: (item) => examine(context, item).then(() => undefined),
  };
  return context;
}
