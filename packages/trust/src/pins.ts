// Pins: which root this person trusts for a project. They live outside the project, because everything inside it,
// trust.json included, can be replaced by whoever can write there. A pin counts by the project's name and by the real
// path of its folder: a renamed project is still known by its path, a moved one by its name.
import type { Disk, JsonValue, Sha256 } from '@vallum/core';
import { canonicalJson, parseJsonStrict, VallumError, writeDurably } from '@vallum/core';
import { digestOf, fieldsOf, listOf, textOf } from './fields.js';
import { folderIsOurs } from './key-folder.js';

const SCHEMA = 'vallum/pins/v1';
const MAX_PINS_BYTES = 4 * 1024 * 1024;
const MAX_PINS = 100_000;

export interface Pins {
  readonly names: ReadonlyMap<string, Sha256>;
  readonly paths: ReadonlyMap<string, Sha256>;
}

/** A project as pins know it. */
export interface PinnedProject {
  readonly project: string;
  /** Real path of the folder that holds `vallum.yaml`, links resolved. */
  readonly path: string;
}

export type PinAnswer = 'pinned' | 'unpinned' | 'mismatch';

/** Either pin counts; a mismatch of either is a mismatch. */
export function comparePin(pins: Pins, { project, path }: PinnedProject, rootFingerprint: Sha256): PinAnswer {
  const found = [pins.names.get(project), pins.paths.get(path)].filter((pin) => pin !== undefined);
  if (found.length === 0) return 'unpinned';
  return found.every((pin) => pin === rootFingerprint) ? 'pinned' : 'mismatch';
}

/** True when a root was pinned for the project, whichever it is. */
export function isPinned(pins: Pins, { project, path }: PinnedProject): boolean {
  return pins.names.has(project) || pins.paths.has(path);
}

export function pinsPath(folder: string): string {
  return `${folder}/pins.json`;
}

/**
 * Pins of the folder; none when there is no file.
 * @throws VallumError when other accounts may write the file, or when it is broken
 */
export async function readPins(disk: Disk, folder: string): Promise<Pins> {
  const path = pinsPath(folder);
  if (!(await folderIsOurs(disk, folder))) return { names: new Map(), paths: new Map() };
  const stat = await disk.stat(path);
  if (stat === undefined) return { names: new Map(), paths: new Map() };
  if (stat.kind === 'file' && (stat.mode & 0o022) !== 0)
    throw new VallumError('KEY_MODE', `${path} is writable by other accounts`, { fix: `chmod 600 ${path}` });
  const json = parseJsonStrict(await disk.read(path, MAX_PINS_BYTES), { maxBytes: MAX_PINS_BYTES, maxDepth: 3 });
  const fields = fieldsOf(json, path, ['schema', 'names', 'paths']);
  if (fields['schema'] !== SCHEMA)
    throw new VallumError('PINS_SCHEMA', `${path} has a schema other than ${SCHEMA}`, { fix: 'use a newer Vallum' });
  return { names: readMap(fields['names'], 'project'), paths: readMap(fields['paths'], 'path') };
}

function readMap(json: JsonValue | undefined, key: string): ReadonlyMap<string, Sha256> {
  const pins = new Map<string, Sha256>();
  for (const entry of listOf(json, 'the list of pins', MAX_PINS)) {
    const fields = fieldsOf(entry, 'a pin', [key, 'root']);
    const name = textOf(fields[key], `the ${key} of a pin`);
    if (pins.has(name)) throw new VallumError('PINS_TWICE', `${JSON.stringify(name)} is pinned twice`);
    pins.set(name, digestOf(fields['root'], 'the fingerprint of a pin'));
  }
  return pins;
}

/** Pins a root for a project by name and by path, in place of what was pinned for either. */
export async function writePin(disk: Disk, folder: string, project: PinnedProject, root: Sha256): Promise<void> {
  const { names, paths } = await readPins(disk, folder);
  const list = (pins: ReadonlyMap<string, Sha256>, key: string, value: string): JsonValue =>
    [...new Map(pins).set(value, root)].map(([name, fingerprint]) => ({ [key]: name, root: fingerprint }));
  const file = {
    schema: SCHEMA,
    names: list(names, 'project', project.project),
    paths: list(paths, 'path', project.path),
  };
  await disk.makeDirectory(folder, 0o700);
  await writeDurably(disk, pinsPath(folder), Buffer.from(`${canonicalJson(file)}\n`), 0o600);
}
