// Samples that were signed once and are read by every later release. Each file holds the id that the statement had and its
// envelope; canonical JSON gives the bytes back that were signed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject, Sha256 } from '@vallum/core';
import { canonicalJson } from '@vallum/core';

/** The folder of all samples. */
export const FROZEN = join(dirname(fileURLToPath(import.meta.url)), 'frozen');

export interface FrozenSample {
  readonly name: string;
  readonly id: Sha256;
  readonly bytes: Uint8Array;
  /** `trust.json` of the project that it comes from. */
  readonly trust: Uint8Array;
}

function bytesOf(json: JsonObject): Uint8Array {
  return Buffer.from(canonicalJson(json));
}

const jsonIn = (file: string): unknown => JSON.parse(readFileSync(join(FROZEN, file), 'utf8'));

/**
 * `trust.json` of the project that the samples come from; its keys were valid for a year.
 * @param folder of a project that came later
 */
export function frozenTrust(folder = ''): Uint8Array {
  return bytesOf(jsonIn(join(folder, 'trust.json')) as JsonObject);
}

/** The export of the released version, with all statements about it. */
export function frozenExport(): Uint8Array {
  return bytesOf(jsonIn('export.json') as JsonObject);
}

/** The first samples, and those of kinds that came later: a folder each, with a trust file of its own. */
export function frozenStatements(): readonly FrozenSample[] {
  const folders = readdirSync(FROZEN, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const later = folders.map(({ name }) => name).filter((name) => name !== 'statements');
  return [...samplesIn(''), ...later.flatMap((folder) => samplesIn(folder))];
}

function samplesIn(folder: string): readonly FrozenSample[] {
  const statements = join(FROZEN, folder, 'statements');
  if (!existsSync(statements)) return [];
  const trust = frozenTrust(folder);
  return readdirSync(statements).map((file) => {
    const { id, envelope } = jsonIn(join(folder, 'statements', file)) as { id: Sha256; envelope: JsonObject };
    return { name: file.replace(/\.json$/, ''), id, bytes: bytesOf(envelope), trust };
  });
}
