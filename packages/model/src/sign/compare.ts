// Is the folder exactly the signed list? Every difference is named. A link is a difference and is not followed, unless
// the signed list allows links; then it is followed only inside the folder.
import type { Disk, FileHasher, HashOptions, Sha256 } from '@vallum/core';
import type { LinkReader } from './links.js';
import type { ModelManifest } from './manifest.js';
import { rootDigests } from './manifest.js';
import type { Profile } from './method.js';
import { byCodePoint } from './paths.js';
import { hashPieces, piecesOf } from './pieces.js';
import type { Resource } from './resources.js';
import { resourceName } from './resources.js';
import type { IgnoredTree, ModelFile, ModelTree } from './walk.js';
import { singleFile, walkModel } from './walk.js';

/** How the folder differs from the signed list. All paths are relative and sorted. */
export interface FileDifferences {
  readonly changed: readonly string[];
  readonly missing: readonly string[];
  /** Files, links and special files that the signature does not list. */
  readonly extra: readonly string[];
  /** Empty files of a folder signed in shards: the format leaves them out, so nobody signed that they are there. */
  readonly uncovered: readonly string[];
}

export interface CheckedFiles extends FileDifferences {
  /** Paths of all signed files. */
  readonly signed: ReadonlySet<string>;
  /** Of the files in the folder, other than ignored ones. */
  readonly bytes: number;
  readonly ignored: readonly IgnoredTree[];
  /** As it was signed. */
  readonly root: Sha256;
  /** In both orders that signers use. */
  readonly roots: { readonly codePoint: Sha256; readonly component: Sha256 };
  readonly warnings: readonly string[];
}

export interface CompareOptions {
  readonly disk: Disk;
  readonly dir: string;
  readonly file?: string | undefined;
  readonly own: string | undefined;
  readonly profile: Profile;
  readonly readLink?: LinkReader | undefined;
  readonly hasher: FileHasher;
  readonly hashing: HashOptions;
}

export async function compareFiles(options: CompareOptions, manifest: ModelManifest): Promise<CheckedFiles> {
  const { serialization: how, resources } = manifest;
  const tree = await treeOf(options, manifest);
  const present = new Map(tree.files.map((file) => [file.path, file]));
  const signed = new Map<string, Resource[]>();
  for (const resource of resources) {
    const listed = signed.get(resource.path);
    if (listed === undefined) signed.set(resource.path, [resource]);
    else listed.push(resource);
  }
  const changed = await changedFiles(options, manifest, present, signed);
  const absent = [...signed.keys()].filter((path) => !present.has(path));
  // A signed file that became a link is a changed file.
  const irregular = new Set(tree.irregular.map(({ path }) => path));
  const unlisted = tree.files.filter(({ path }) => !signed.has(path));
  const isUncovered = ({ stat }: ModelFile): boolean => how.shardSize !== undefined && stat.size === 0;
  // The reference stops at a link even where it ignores everything else.
  const hidden = options.profile === 'compat' ? tree.hiddenIrregular.map(({ path }) => path) : [];
  return {
    changed: sorted([...changed, ...absent.filter((path) => irregular.has(path))]),
    missing: sorted(absent.filter((path) => !irregular.has(path))),
    extra: sorted([
      ...unlisted.filter((file) => !isUncovered(file)).map(({ path }) => path),
      ...[...irregular].filter((path) => !signed.has(path)),
      ...hidden,
    ]),
    uncovered: sorted(unlisted.filter(isUncovered).map(({ path }) => path)),
    signed: new Set(signed.keys()),
    bytes: tree.bytes,
    ignored: tree.ignored,
    root: manifest.root,
    roots: rootDigests(resources),
    warnings: manifest.warnings,
  };
}

function treeOf(options: CompareOptions, { serialization }: ModelManifest): Promise<ModelTree> {
  const { disk, dir, file, own, profile } = options;
  if (file !== undefined) return singleFile(disk, dir, file);
  // The reference's library forgets that links were allowed; what its flag would let it read is refused here too.
  const readLink = serialization.allowSymlinks && profile === 'strict' ? options.readLink : undefined;
  return walkModel({ disk, dir, ignore: serialization.ignore, own, readLink });
}

/** Those of the signed files that are there with other bytes, or with another size than their shards say. */
async function changedFiles(
  { dir, hasher, hashing }: CompareOptions,
  { serialization: how }: ModelManifest,
  present: ReadonlyMap<string, ModelFile>,
  signed: ReadonlyMap<string, readonly Resource[]>,
): Promise<readonly string[]> {
  const changed = new Set<string>();
  const wanted = new Map<string, string>();
  const pieces = [...present.values()].flatMap((file) => {
    const listed = signed.get(file.path);
    if (listed === undefined) return [];
    const actual = piecesOf(file, how);
    const names = new Set(actual.map(resourceName));
    for (const resource of listed) wanted.set(resourceName(resource), resource.digest);
    if (names.size === listed.length && listed.every((resource) => names.has(resourceName(resource)))) return actual;
    changed.add(file.path);
    return [];
  });
  for (const found of await hashPieces(hasher, dir, pieces, how.hash, hashing))
    if (found.digest !== wanted.get(resourceName(found))) changed.add(found.path);
  return [...changed];
}

function sorted(paths: readonly string[]): readonly string[] {
  return [...paths].sort(byCodePoint);
}
