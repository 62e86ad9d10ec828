// Scans bytes as one file of a given name, through an in-memory disk: what a test needs of `scanPath`.
import type { Disk, OpenFile } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { ScanReport } from '../report.js';
import type { ScanOptions } from '../scan-path.js';
import { buildRules } from '../rules.js';
import { scanPath } from '../scan-path.js';

const refuse = async (): Promise<never> => {
  throw new VallumError('DISK_READ', 'this disk only reads');
};

/** A disk that holds these files under `/m`; `unreadable` ones are listed and cannot be opened. */
export function memoryDisk(files: Readonly<Record<string, Uint8Array>>, unreadable: readonly string[] = []): Disk {
  const stat = (path: string) => {
    const bytes = files[path.slice('/m/'.length)];
    if (path === '/m') return { kind: 'directory' as const, size: 0, mtimeNs: 0n, inode: 1n, mode: 0o755 };
    if (bytes === undefined) return undefined;
    return { kind: 'file' as const, size: bytes.length, mtimeNs: 0n, inode: 2n, mode: 0o644 };
  };
  const open = async (path: string): Promise<OpenFile> => {
    const name = path.slice('/m/'.length);
    const bytes = files[name];
    if (bytes === undefined || unreadable.includes(name))
      throw new VallumError('DISK_READ', `cannot read ${path}: permission denied`);
    return {
      size: bytes.length,
      read: async (offset, length) => bytes.subarray(offset, offset + length),
      close: async () => {},
    };
  };
  return {
    stat: async (path) => stat(path),
    list: async () => Object.keys(files).sort(),
    read: async (path) => files[path.slice('/m/'.length)] ?? new Uint8Array(0),
    open,
    write: refuse,
    create: refuse,
    append: refuse,
    sync: refuse,
    rename: refuse,
    remove: refuse,
    makeDirectory: refuse,
  };
}

/** Built once: their digest takes longer than most scans. */
const RULES = buildRules();

export function scanBytes(name: string, bytes: Uint8Array, options: ScanOptions = {}): Promise<ScanReport> {
  return scanPath(memoryDisk({ [name]: bytes }), `/m/${name}`, { rules: RULES, ...options });
}

/** `outcome` and the ids of the rules that fired, sorted. */
export async function verdictOf(name: string, bytes: Uint8Array, options: ScanOptions = {}): Promise<string> {
  const report = await scanBytes(name, bytes, options);
  const rules = new Set(report.files.flatMap((file) => file.findings.map((finding) => finding.rule)));
  return [report.outcome, ...[...rules].sort()].join(' ');
}
