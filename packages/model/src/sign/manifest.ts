// The signed statement of OpenSSF Model Signing v1.0: names and digests of all files, and one root digest over them.
// The reference implementation accepts lists that name a file twice, escape the folder or are empty; this reader does not.
import { createHash } from 'node:crypto';
import type { FileDigest, JsonObject, JsonValue, Sha256 } from '@vallum/core';
import { isJsonObject, isSha256, messageOf, parseJsonStrict, STATEMENT_TYPE } from '@vallum/core';
import { MAX_BUNDLE_BYTES } from './bundle.js';
import { byCodePoint, canonicalPath, isIgnored } from './paths.js';
import { Refusal } from './refusal.js';

export const OMS_PREDICATE = 'https://model_signing/signature/v1.0';
const MAX_RESOURCES = 100_000;

export interface ModelManifest {
  /** Informational: the base name of the folder at signing time. */
  readonly name: string;
  readonly root: Sha256;
  readonly ignore: ReadonlySet<string>;
  readonly files: ReadonlyMap<string, Sha256>;
  readonly warnings: readonly string[];
}

/** SHA-256 over the raw digests in order. Names are not in it: it is no proof of a tree without the list. */
export function rootDigest(digests: Iterable<string>): Sha256 {
  const hash = createHash('sha256');
  for (const digest of digests) hash.update(Buffer.from(digest, 'hex'));
  return hash.digest('hex') as Sha256;
}

export function writeManifest(name: string, ignore: Iterable<string>, files: readonly FileDigest[]): Uint8Array {
  const sorted = [...files].sort((a, b) => byCodePoint(a.path, b.path));
  return Buffer.from(
    JSON.stringify({
      _type: STATEMENT_TYPE,
      subject: [{ name, digest: { sha256: rootDigest(sorted.map((file) => file.sha256)) } }],
      predicateType: OMS_PREDICATE,
      predicate: {
        serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ignore_paths: [...ignore] },
        resources: sorted.map((file) => ({ name: file.path, algorithm: 'sha256', digest: file.sha256 })),
      },
    }),
  );
}

/** @throws Refusal with the code of the first rule that is broken */
export function readManifest(payload: Uint8Array): ModelManifest {
  const statement = object(strictJson(payload), 'the statement');
  if (statement['_type'] !== STATEMENT_TYPE) throw malformed(`its _type is not ${STATEMENT_TYPE}`);
  if (statement['predicateType'] !== OMS_PREDICATE)
    throw new Refusal('predicate-type', `the statement is not a model signature (${OMS_PREDICATE})`);
  const subjects = list(statement['subject'], 'subject');
  if (subjects.length !== 1) throw malformed('it must have exactly one subject');
  const subject = object(subjects[0], 'the subject');
  const predicate = object(statement['predicate'], 'the predicate');
  const warnings: string[] = [];
  const ignore = readSerialization(object(predicate['serialization'], 'serialization'));
  const files = readResources(list(predicate['resources'], 'resources'), ignore, warnings);
  const root = digest(object(subject['digest'], 'the digest')['sha256'], 'the root digest', warnings);
  if (rootDigest(files.values()) !== root)
    throw new Refusal('root-digest', 'the root digest is not that of the listed files');
  return { name: string(subject['name'], 'the name'), root, ignore, files, warnings: [...new Set(warnings)] };
}

function readSerialization(value: JsonObject): ReadonlySet<string> {
  if (value['method'] !== 'files' || value['hash_type'] !== 'sha256')
    throw new Refusal('serialization-unsupported', 'only the method `files` with SHA-256 is read');
  // Links are refused in the folder whatever the signer allowed, so both values mean the same here.
  if (typeof value['allow_symlinks'] !== 'boolean') throw malformed('allow_symlinks is not true or false');
  const paths = value['ignore_paths'] === undefined ? [] : list(value['ignore_paths'], 'ignore_paths');
  return new Set(paths.map((path) => canonicalPath(string(path, 'an ignored path'))));
}

function readResources(
  resources: readonly JsonValue[],
  ignore: ReadonlySet<string>,
  warnings: string[],
): ReadonlyMap<string, Sha256> {
  if (resources.length === 0) throw new Refusal('resources-empty', 'the signature covers no file at all');
  if (resources.length > MAX_RESOURCES) throw malformed(`it lists more than ${MAX_RESOURCES} files`);
  const files = new Map<string, Sha256>();
  let previous = '';
  for (const entry of resources) {
    const resource = object(entry, 'a resource');
    const name = canonicalPath(string(resource['name'], 'a name'));
    if (resource['algorithm'] !== 'sha256')
      throw new Refusal('algorithm-mismatch', `${JSON.stringify(name)} is not hashed with the declared algorithm`);
    if (files.has(name)) throw new Refusal('resource-duplicate', `${JSON.stringify(name)} is listed twice`);
    if (isIgnored(name, ignore))
      throw new Refusal('resource-ignored', `${JSON.stringify(name)} is both listed and ignored`);
    // The reference signer sorts by path component, the specification by code point: both are only worth a note.
    if (byCodePoint(previous, name) > 0) warnings.push('the listed files are not in code point order');
    previous = name;
    files.set(name, digest(resource['digest'], 'a digest', warnings));
  }
  return files;
}

function digest(value: JsonValue | undefined, what: string, warnings: string[]): Sha256 {
  const text = string(value, what);
  const lower = text.toLowerCase();
  if (!isSha256(lower)) throw malformed(`${what} is not a SHA-256`);
  if (lower !== text) warnings.push('a digest is written in upper case');
  return lower;
}

function strictJson(bytes: Uint8Array): JsonValue {
  try {
    return parseJsonStrict(bytes, { maxBytes: MAX_BUNDLE_BYTES, maxDepth: 8 });
  } catch (error) {
    throw malformed(messageOf(error));
  }
}

function object(value: JsonValue | undefined, what: string): JsonObject {
  if (!isJsonObject(value)) throw malformed(`${what} is not an object`);
  return value;
}

function list(value: JsonValue | undefined, what: string): readonly JsonValue[] {
  if (!Array.isArray(value)) throw malformed(`${what} is not a list`);
  return value as readonly JsonValue[];
}

function string(value: JsonValue | undefined, what: string): string {
  if (typeof value !== 'string') throw malformed(`${what} is not text`);
  return value;
}

function malformed(why: string): Refusal {
  return new Refusal('statement-malformed', `the signed statement is malformed: ${why}`);
}
