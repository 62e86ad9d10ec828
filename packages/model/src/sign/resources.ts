// The signed list itself: names, ranges and digests. The reference accepts lists that name a file twice, are empty or
// write one path in several ways; the strict reader does not, the compat reader follows it as far as the folder's edge.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isSha256 } from '@vallum/core';
import type { Form } from './form.js';
import { byCodePoint, canonicalPath, isIgnored, posixPath, staysInside } from './paths.js';
import { Refusal } from './refusal.js';
import type { Serialization } from './serialization.js';
import { algorithmLabel } from './serialization.js';

const MAX_RESOURCES = 100_000;

/** One signed file, or one range of it. */
export interface Resource {
  readonly path: string;
  readonly range?: Range;
  /** Lower-case hexadecimal; of another length than the hash's, it fits no file. */
  readonly digest: string;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface ResourceList {
  readonly resources: readonly Resource[];
  /** All listed digests in the listed order, as the root digest is over them. */
  readonly digests: readonly string[];
  readonly warnings: readonly string[];
}

/** The name in the statement. */
export function resourceName({ path, range }: Pick<Resource, 'path' | 'range'>): string {
  return range === undefined ? path : `${path}:${range.from}:${range.to}`;
}

/** @param single base name when one file was signed, not a folder: older signers call it `.` */
export function readResources(
  form: Form,
  listed: readonly JsonValue[],
  how: Serialization,
  single: string | undefined,
): ResourceList {
  if (listed.length === 0 && form.profile === 'strict')
    throw new Refusal('resources-empty', 'the signature covers no file at all');
  if (listed.length > MAX_RESOURCES) throw form.malformed(`it lists more than ${MAX_RESOURCES} files`);
  const label = algorithmLabel(how);
  const found = new Map<string, Resource>();
  const digests: string[] = [];
  const warnings = new Set<string>();
  let previous = '';
  for (const entry of listed) {
    const value = form.object(entry, 'a resource');
    const { name, place } = readName(form, form.text(value['name'], 'a name'), how, single);
    const digest = readDigest(form, value['digest'], how, warnings);
    if (form.profile === 'strict') refuseStrictly(value, name, place, { found, how, label });
    // The reference signer sorts by path component, the specification by code point: both are only worth a note.
    if (byCodePoint(previous, name) > 0) warnings.add('the listed files are not in code point order');
    previous = name;
    digests.push(digest);
    // What is labelled as another hash is compared with nothing and fits nothing.
    found.set(name, { ...place, digest: value['algorithm'] === label ? digest : '' });
    if (value['algorithm'] === undefined) throw form.malformed('a resource names no algorithm');
  }
  return { resources: [...found.values()], digests, warnings: [...warnings] };
}

function refuseStrictly(
  value: JsonObject,
  name: string,
  { path }: Pick<Resource, 'path'>,
  { found, how, label }: { found: ReadonlyMap<string, Resource>; how: Serialization; label: string },
): void {
  const said = JSON.stringify(name.slice(0, 200));
  if (value['algorithm'] !== label)
    throw new Refusal('algorithm-mismatch', `${said} is not hashed with the declared algorithm`);
  if (found.has(name)) throw new Refusal('resource-duplicate', `${said} is listed twice`);
  if (isIgnored(path, how.ignore)) throw new Refusal('resource-ignored', `${said} is both listed and ignored`);
}

interface Named {
  /** Canonical, and the key under which the list holds it. */
  readonly name: string;
  readonly place: Pick<Resource, 'path' | 'range'>;
}

function readName(form: Form, name: string, { shardSize }: Serialization, single: string | undefined): Named {
  const parts = shardSize === undefined ? { path: name } : splitShard(form, name, shardSize);
  const place = { ...parts, path: readPath(form, parts.path, single) };
  return { name: resourceName(place), place };
}

function readPath(form: Form, path: string, single: string | undefined): string {
  if (form.profile === 'strict') return single !== undefined && path === '.' ? single : canonicalPath(path);
  const plain = posixPath(path);
  if (!staysInside(plain))
    throw new Refusal('path-unsafe', `the signature names ${JSON.stringify(path.slice(0, 200))}, outside the model`);
  // The reference knows a single file only as `.`; under its own name it is another file.
  if (single === undefined) return plain;
  return plain === '.' ? single : `${single}/${plain}`;
}

/** `path:start:end`. A path may hold colons: the specification takes the last two parts, the reference gives up. */
function splitShard(form: Form, name: string, shardSize: number): { readonly path: string; readonly range: Range } {
  const parts = name.split(':');
  const numbers = parts.slice(-2).map((part) => readOffset(form, part));
  const [from, to] = numbers;
  if (parts.length < 3 || (form.profile === 'compat' && parts.length !== 3) || from === undefined || to === undefined)
    throw form.malformed(`${JSON.stringify(name.slice(0, 200))} is not path:start:end`);
  if (form.profile === 'strict' && (from % shardSize !== 0 || to <= from || to - from > shardSize))
    throw form.malformed(`${JSON.stringify(name.slice(0, 200))} is not one shard of ${shardSize} bytes`);
  return { path: parts.slice(0, -2).join(':'), range: { from, to } };
}

/** Characters; Python reads no number of more than 4300 digits. */
const MAX_OFFSET = 5000;

function readOffset(form: Form, text: string): number | undefined {
  const pattern = form.profile === 'strict' ? /^(?:0|[1-9][0-9]*)$/ : /^\s*[+-]?[0-9]+(?:_[0-9]+)*\s*$/;
  const value = text.length <= MAX_OFFSET && pattern.test(text) ? Number(text.replaceAll('_', '')) : undefined;
  return value !== undefined && Number.isSafeInteger(value) ? value : undefined;
}

const BLAKE2B = /^[0-9a-f]{128}$/;

function readDigest(form: Form, value: JsonValue | undefined, { hash }: Serialization, warnings: Set<string>): string {
  const text = form.text(value, 'a digest');
  if (form.profile === 'compat') {
    // As Python's bytes.fromhex: spaces between the bytes, either case, any length.
    const runs = text.split(/[ \t\n\r\f\v]+/);
    if (runs.some((run) => run.length % 2 !== 0 || /[^0-9a-f]/i.test(run)))
      throw form.malformed('a digest is no hexadecimal');
    return runs.join('').toLowerCase();
  }
  const lower = text.toLowerCase();
  if (!(hash === 'sha256' ? isSha256(lower) : BLAKE2B.test(lower))) throw form.malformed(`a digest is not of ${hash}`);
  if (lower !== text) warnings.add('a digest is written in upper case');
  return lower;
}
