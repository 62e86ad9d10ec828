// The library function behind `vallum scan` and the control `artifact.scan`: scans a file or a folder and answers the
// JSON contract. Nothing is loaded or executed, no link is followed, and files are read in pieces.
import type { Disk, Severity } from '@vallum/core';
import { messageOf, parent } from '@vallum/core';
import type { OpenFile } from '@vallum/core';
import { posix } from 'node:path';
import type { ScanBudgets } from './budgets.js';
import { SCAN_BUDGETS } from './budgets.js';
import type { Context } from './context.js';
import { examine, UNKNOWN_CONTENT } from './examine.js';
import type { PickleRules } from './pickle/judge.js';
import { pickleRules } from './pickle/judge.js';
import type { FileReport, ScanReport } from './report.js';
import { countBySeverity, Notes, outcomeOf, SCAN_SCHEMA } from './report.js';
import type { Rules } from './rules.js';
import { buildRules } from './rules.js';

export interface ScanOptions {
  /** Findings at or above it fail; default `high`. */
  readonly gate?: Severity;
  readonly budgets?: Partial<ScanBudgets>;
  readonly rules?: Rules;
  readonly signal?: AbortSignal;
  readonly progress?: (message: string) => void;
  /** Whether a path below the folder is scanned; default all. */
  readonly keep?: (path: string) => boolean;
}

/** @throws VallumError `DISK_READ` when the path itself cannot be read; unreadable files below it are notExamined */
export async function scanPath(disk: Disk, path: string, options: ScanOptions = {}): Promise<ScanReport> {
  const scan = new Scan(disk, options);
  const stat = await disk.stat(path);
  if (stat?.kind === 'directory') await scan.folder(path, '', 0);
  else {
    const name = path.split('/').at(-1) ?? path;
    if (stat?.kind === 'file') await scan.file(path, name);
    else if (stat === undefined) await disk.open(path).then((file) => file.close());
    else scan.refuse(name, stat.kind);
  }
  return scan.report();
}

class Scan {
  readonly #disk: Disk;
  readonly #options: ScanOptions;
  readonly #gate: Severity;
  readonly #budgets: ScanBudgets;
  readonly #rules: Rules;
  readonly #pickle: PickleRules;
  readonly #files: FileReport[] = [];
  /** Files that models name as their external data. */
  readonly #claimed = new Set<string>();
  #bytes = 0;
  #full = false;

  constructor(disk: Disk, options: ScanOptions) {
    this.#disk = disk;
    this.#options = options;
    this.#gate = options.gate ?? 'high';
    this.#budgets = { ...SCAN_BUDGETS, ...options.budgets };
    this.#rules = options.rules ?? buildRules();
    this.#pickle = pickleRules(this.#rules);
  }

  async folder(root: string, prefix: string, depth: number): Promise<void> {
    if (depth > 32) return this.#note(prefix, 'the folder', 'it is nested deeper than 32');
    for (const name of await this.#disk.list(prefix === '' ? root : `${root}/${prefix}`)) {
      const path = prefix === '' ? name : `${prefix}/${name}`;
      if (this.#options.keep?.(path) === false) continue;
      if (this.#files.length >= this.#budgets.maxFiles) return this.#tooMany();
      const kind = (await this.#disk.stat(`${root}/${path}`))?.kind;
      if (kind === 'directory') await this.folder(root, path, depth + 1);
      else if (kind === 'file') await this.file(`${root}/${path}`, path);
      else this.refuse(path, kind);
    }
  }

  #tooMany(): void {
    if (!this.#full) this.#note('', 'further files', `there are more than ${this.#budgets.maxFiles}`);
    this.#full = true;
  }

  async file(path: string, shown: string): Promise<void> {
    this.#options.signal?.throwIfAborted();
    this.#options.progress?.(shown);
    const notes = new Notes(this.#rules, shown);
    let formats: readonly string[] = [];
    let file: OpenFile | undefined;
    try {
      file = await this.#disk.open(path);
      this.#bytes += file.size;
      const item = { source: file, name: shown, depth: 0 };
      formats = await examine(this.#context(notes, path, shown), item);
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      notes.skip('the file', messageOf(error));
    } finally {
      await file?.close();
    }
    this.#add(shown, formats, notes);
  }

  refuse(path: string, kind: string | undefined): void {
    const notes = new Notes(this.#rules, path);
    notes.find({ rule: 'VLM-FIL-005', detail: kind === undefined ? 'gone while it was listed' : kind }, undefined);
    notes.skip('the file', 'links and special files are not followed');
    this.#add(path, [], notes);
  }

  report(): ScanReport {
    const files = this.#files.map((file) => this.#settle(file));
    const findings = files.flatMap((file) => file.findings);
    const notExamined = files.flatMap((file) => file.notExamined);
    return {
      schema: SCAN_SCHEMA,
      outcome: outcomeOf(findings, notExamined, this.#gate),
      files,
      summary: {
        gate: this.#gate,
        rules: this.#rules.digest,
        files: files.length,
        bytes: this.#bytes,
        findings: countBySeverity(findings),
        notExamined: notExamined.length,
      },
    };
  }

  /** Raw numbers are of no known format, and that is fine where a model says that they are its weights. */
  #settle(file: FileReport): FileReport {
    if (file.formats.length > 0 || !this.#claimed.has(file.path)) return file;
    const notExamined = file.notExamined.filter(({ what }) => what !== UNKNOWN_CONTENT);
    const outcome = outcomeOf(file.findings, notExamined, this.#gate);
    return { ...file, formats: ['external-data'], notExamined, outcome };
  }

  #context(notes: Notes, path: string, shown: string): Context {
    const folder = parent(path);
    const context: Context = {
      rules: this.#rules,
      pickle: this.#pickle,
      budgets: this.#budgets,
      notes,
      spent: { unpacked: 0, entries: 0 },
      signal: this.#options.signal,
      claim: (relative) => this.#claimed.add(posix.join(posix.dirname(shown), relative)),
      near: (relative) => this.#disk.stat(`${folder}/${relative}`),
      inside: async (item) => void (await examine(context, item)),
    };
    return context;
  }

  #note(path: string, what: string, why: string): void {
    const notes = new Notes(this.#rules, path);
    notes.skip(what, why);
    this.#add(path, [], notes);
  }

  #add(path: string, formats: readonly string[], notes: Notes): void {
    const { findings, notExamined } = notes;
    const outcome = outcomeOf(findings, notExamined, this.#gate);
    this.#files.push({ path, formats, outcome, findings, notExamined });
  }
}
