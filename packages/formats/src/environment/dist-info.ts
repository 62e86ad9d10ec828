// What a `.dist-info` folder says: RECORD (PEP 376, PEP 627: path, digest, size of every file) and METADATA (name, version).
// Whoever can write into site-packages can write these too; they tell a changed file from an unchanged one, no more.
import type { JsonObject } from '@vallum/core';
import { isJsonObject, parseJsonStrict } from '@vallum/core';
import { pythonLines } from '../python/text-lines.js';

export interface RecordEntry {
  /** Relative to the folder that holds the `.dist-info` folder, as RECORD writes it. */
  readonly path: string;
  /** `sha256:<hex>` and the like; absent for RECORD itself and for files compiled on the spot. */
  readonly hash?: string;
  readonly size?: number;
}

export interface RecordReport {
  readonly entries: readonly RecordEntry[];
  readonly problem?: string;
}

const MAX_ENTRIES = 500_000;

/** CSV of three fields, quotes as in RFC 4180. */
export function readRecord(text: string): RecordReport {
  const entries: RecordEntry[] = [];
  let at = -1;
  for (const line of pythonLines(text, 'file')) {
    at += 1;
    if (line.trim() === '') continue;
    if (entries.length >= MAX_ENTRIES) return { entries, problem: `it has more than ${MAX_ENTRIES} lines` };
    const fields = splitLine(line);
    const [path = '', digest = '', size = ''] = fields ?? [];
    const hash = digest === '' ? undefined : readDigest(digest);
    if (fields === undefined || path === '' || fields.length > 3 || (digest !== '' && hash === undefined))
      return { entries, problem: `line ${at + 1} is broken` };
    entries.push({
      path,
      ...(hash === undefined ? {} : { hash }),
      ...(/^\d{1,15}$/.test(size) ? { size: Number(size) } : {}),
    });
  }
  return { entries };
}

function splitLine(line: string): readonly string[] | undefined {
  const fields: string[] = [];
  for (let at = 0; at <= line.length && fields.length < 5; at += 1) {
    const end = line[at] === '"' ? endOfQuoted(line, at) : endOfPlain(line, at);
    if (end === undefined || (end < line.length && line[end] !== ',')) return undefined;
    const raw = line.slice(at, end);
    fields.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    at = end;
  }
  return fields;
}

/** By a loop: a pattern of pairs overflows the stack on one long field. */
function endOfQuoted(line: string, start: number): number | undefined {
  for (let at = line.indexOf('"', start + 1); at !== -1; at = line.indexOf('"', at + 2))
    if (line[at + 1] !== '"') return at + 1;
  return undefined;
}

function endOfPlain(line: string, start: number): number | undefined {
  const comma = line.indexOf(',', start);
  const end = comma === -1 ? line.length : comma;
  return line.slice(start, end).includes('"') ? undefined : end;
}

const LENGTHS: Readonly<Record<string, number>> = { sha256: 32, sha384: 48, sha512: 64 };

/** `sha256=<base64url without padding>`; weaker algorithms are forbidden there. */
function readDigest(text: string): string | undefined {
  const [, algorithm = '', encoded = ''] = /^([a-z0-9]+)=([A-Za-z0-9_-]+)=*$/.exec(text) ?? [];
  const bytes = Buffer.from(encoded, 'base64url');
  return LENGTHS[algorithm] === bytes.length ? `${algorithm}:${bytes.toString('hex')}` : undefined;
}

/** Headers of METADATA up to the first empty line (PEP 566); the description behind it is not looked at. */
export function readMetadata(text: string): { readonly name: string; readonly version: string } {
  const head = text.slice(0, 256 * 1024).split(/\r?\n\r?\n/)[0] ?? '';
  const header = (name: string): string => new RegExp(`^${name}:[ \\t]*(\\S+)[ \\t]*\\r?$`, 'im').exec(head)?.[1] ?? '';
  return { name: header('Name'), version: header('Version') };
}

/** The object in a `direct_url.json`; undefined when it is none. */
export function readDirectUrlJson(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value = parseJsonStrict(bytes, { maxBytes: 64 * 1024 });
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
