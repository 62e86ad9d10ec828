// The signed statement of OpenSSF Model Signing v1.0: names and digests of all files, and one root digest over them.
import { createHash } from 'node:crypto';
import type { JsonObject, Sha256 } from '@vallum/core';
import { isSha256, STATEMENT_TYPE } from '@vallum/core';
import type { Form } from './form.js';
import { formOf } from './form.js';
import type { Profile } from './method.js';
import { byCodePoint, byComponent, GIT_PATHS } from './paths.js';
import { Refusal } from './refusal.js';
import type { Resource, ResourceList } from './resources.js';
import { readResources, resourceName } from './resources.js';
import type { Serialization } from './serialization.js';
import { algorithmLabel, readSerialization, writeSerialization } from './serialization.js';

export const OMS_PREDICATE = 'https://model_signing/signature/v1.0';
/** Of model-signing 0.2: the digests stand in the subjects. Read in the profile `compat` only. */
const OLD_PREDICATE = 'https://model_signing/Digests/v0.1';

export interface ModelManifest {
  /** Informational: the base name of the folder or file at signing time. */
  readonly name: string;
  readonly root: Sha256;
  readonly serialization: Serialization;
  readonly resources: readonly Resource[];
  readonly warnings: readonly string[];
}

/** SHA-256 over the raw digests in order. Names are not in it: it is no proof of a tree without the list. */
export function rootDigest(digests: Iterable<string>): Sha256 {
  const hash = createHash('sha256');
  for (const digest of digests) hash.update(Buffer.from(digest, 'hex'));
  return hash.digest('hex') as Sha256;
}

/**
 * The root digest in the two orders that signers use: by code point of the whole name (specification, 5.2.1) and by
 * path component (reference). The same bytes may so have two ids.
 */
export function rootDigests(resources: readonly Resource[]): {
  readonly codePoint: Sha256;
  readonly component: Sha256;
} {
  const byName = [...resources].sort((a, b) => byCodePoint(resourceName(a), resourceName(b)));
  const byPart = [...resources].sort(
    (a, b) => byComponent(a.path, b.path) || (a.range?.from ?? 0) - (b.range?.from ?? 0),
  );
  const root = (list: readonly Resource[]): Sha256 => rootDigest(list.map(({ digest }) => digest));
  return { codePoint: root(byName), component: root(byPart) };
}

export function writeManifest(name: string, how: Serialization, resources: readonly Resource[]): Uint8Array {
  const named = resources.map((resource) => ({ name: resourceName(resource), digest: resource.digest }));
  const sorted = named.sort((a, b) => byCodePoint(a.name, b.name));
  const algorithm = algorithmLabel(how);
  return Buffer.from(
    JSON.stringify({
      _type: STATEMENT_TYPE,
      subject: [{ name, digest: { sha256: rootDigest(sorted.map(({ digest }) => digest)) } }],
      predicateType: OMS_PREDICATE,
      predicate: {
        serialization: writeSerialization(how),
        resources: sorted.map((entry) => ({ name: entry.name, algorithm, digest: entry.digest })),
      },
    }),
  );
}

/**
 * @param single base name when one file was signed, not a folder
 * @throws Refusal with the code of the first rule that is broken
 */
export function readManifest(payload: Uint8Array, profile: Profile = 'strict', single?: string): ModelManifest {
  const form = formOf(profile, 'statement-malformed', 'the signed statement');
  const statement = form.object(form.json(payload), 'the statement');
  if (statement['_type'] !== STATEMENT_TYPE) throw form.malformed(`its _type is not ${STATEMENT_TYPE}`);
  if (statement['predicateType'] === OLD_PREDICATE && profile === 'compat') return readOld(form, statement);
  if (statement['predicateType'] !== OMS_PREDICATE)
    throw new Refusal('predicate-type', `the statement is not a model signature (${OMS_PREDICATE})`);
  const subjects = form.list(statement['subject'], 'subject');
  if (subjects.length !== 1) throw form.malformed('it must have exactly one subject');
  const subject = form.object(subjects[0], 'the subject');
  const predicate = form.object(statement['predicate'], 'the predicate');
  const serialization = readSerialization(form, form.object(predicate['serialization'], 'serialization'));
  const list = readResources(form, form.list(predicate['resources'], 'resources'), serialization, single);
  const root = form.object(subject['digest'], 'the digest')['sha256'];
  if (!isSha256(root)) throw form.malformed('the root digest is not a SHA-256');
  if (rootDigest(list.digests) !== root)
    throw new Refusal('root-digest', 'the root digest is not that of the listed files');
  return manifest(readName(form, subject), root, serialization, list);
}

/** The reference asks only that there is one; what is no text, nobody has to be told. */
function readName(form: Form, { name }: JsonObject): string {
  if (form.profile === 'strict' || typeof name === 'string') return form.text(name, 'the name');
  if (name === undefined) throw form.malformed('the subject has no name');
  return '';
}

/** Nothing in it says how the files were hashed or what was left out. */
function readOld(form: Form, statement: JsonObject): ModelManifest {
  const how: Serialization = { hash: 'sha256', allowSymlinks: false, ignore: new Set(GIT_PATHS) };
  const entries = form.list(statement['subject'], 'subject').map((entry) => {
    const { name, digest } = form.object(entry, 'a subject');
    const hex = form.object(digest, 'the digest')['sha256'];
    return { name: form.text(name, 'a name'), algorithm: 'sha256', digest: form.text(hex, 'a digest') };
  });
  const list = readResources(form, entries, how, undefined);
  return manifest('', rootDigest(list.digests), how, list);
}

function manifest(name: string, root: Sha256, serialization: Serialization, list: ResourceList): ModelManifest {
  return { name, root, serialization, resources: list.resources, warnings: list.warnings };
}
