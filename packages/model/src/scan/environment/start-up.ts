// What Python runs at its start in a site-packages folder: lines of `.pth` files, and the modules `sitecustomize` and
// `usercustomize`, at the top or wherever a `.pth` file puts a folder or an archive on the import path. The attacker made the
// wheel, and its RECORD is right. So a line of an allowed form is worth what its module is: `_distutils_hack` only as setuptools
// installed it, a finder only by its text, and neither where another file would be imported in its place.
import type { Sha256 } from '@vallum/core';
import { isUtf8 } from 'node:buffer';
import { isEditableFinder } from './editable-finder.js';
import { addedPath, foldPath } from './import-paths.js';
import type { PthLine } from './pth.js';
import { readPth } from './pth.js';
import type { EnvironmentRuleFile } from './rules.js';

/** A distribution whose RECORD names a file. */
export interface Owner {
  readonly folder: string;
  /** Of METADATA, normalised; undefined when the name of the folder says another. */
  readonly name: string | undefined;
  /** Its direct_url.json says so. */
  readonly editable: boolean;
}

export interface Site {
  readonly files: ReadonlyMap<string, Sha256>;
  readonly rules: EnvironmentRuleFile;
  readonly ownersOf: (path: string) => readonly Owner[];
  /** Whether a RECORD gives its digest, and it has it. */
  readonly isVouched: (path: string) => boolean;
  readonly read: (path: string) => Promise<Buffer | undefined>;
}

export type StartUp =
  | {
      readonly kind: 'finding';
      readonly rule: string;
      readonly detail: string;
      readonly path: string;
      readonly line?: number;
    }
  | { readonly kind: 'unread'; readonly text: string };

export async function* checkStartUp(site: Site): AsyncGenerator<StartUp> {
  const places = findPlaces(site);
  for (const path of places.starts.get('') ?? []) yield { kind: 'finding', rule: 'VLM-DEP-012', detail: path, path };
  const told = new Set<string>();
  const judged = new Map<string, string | undefined>();
  for (const path of site.files.keys()) {
    if (path.includes('/') || !/\.pth$/i.test(path)) continue;
    const bytes = await site.read(path);
    if (bytes === undefined) continue;
    const utf8 = isUtf8(bytes);
    if (!utf8) yield { kind: 'unread', text: `${path}: it is not UTF-8, so that it says what the locale makes of it` };
    const { lines, cut } = readPth(bytes.toString(utf8 ? 'utf8' : 'latin1'), site.rules);
    for (const line of lines) yield* judgeLine(site, places, { path, line, told, judged });
    if (cut) yield { kind: 'unread', text: `${path}: the lines after the first ${lines.length}` };
  }
}

interface Places {
  /** Modules that Python imports at its start, by the folder that holds them. */
  readonly starts: ReadonlyMap<string, readonly string[]>;
  readonly files: ReadonlyMap<string, string>;
}

function findPlaces({ files, rules }: Site): Places {
  const starts = new Map<string, string[]>();
  const folded = new Map<string, string>();
  for (const path of files.keys()) {
    folded.set(foldPath(path), path);
    const parts = path.split('/');
    for (const [at, part] of parts.entries()) {
      if (!rules.startModules.includes(stemOf(part)) || part.endsWith('.dist-info')) continue;
      const folder = foldPath(parts.slice(0, at).join('/'));
      const known = starts.get(folder);
      if (known === undefined) starts.set(folder, [path]);
      else known.push(path);
    }
  }
  return { starts, files: folded };
}

interface Told {
  readonly path: string;
  readonly line: PthLine;
  /** What was told of added folders; two lines may add one. */
  readonly told: Set<string>;
  /** What `wrongModule` said of a module, by owner and name. */
  readonly judged: Map<string, string | undefined>;
}

async function* judgeLine(site: Site, places: Places, { path, line, told, judged }: Told): AsyncGenerator<StartUp> {
  const at = `${path}, line ${line.line}`;
  const finding = (rule: string, detail: string, file = path): StartUp => ({
    kind: 'finding',
    rule,
    detail,
    path: file,
    ...(file === path ? { line: line.line } : {}),
  });
  if (line.kind === 'code') yield finding('VLM-DEP-010', `${at}: ${line.text}`);
  else if (line.kind === 'allowed') {
    const key = `${line.owner ?? ''}:${line.module ?? ''}`;
    if (!judged.has(key)) judged.set(key, await wrongModule(site, line));
    const wrong = judged.get(key);
    if (wrong !== undefined) yield finding('VLM-DEP-010', `${at}: imports ${line.module ?? ''}, ${wrong}`);
  } else {
    const { inside, leaves } = addedPath(line.path);
    if (leaves) yield finding('VLM-DEP-011', `${at}: ${line.path.slice(0, 120)}`);
    for (const place of inside) {
      if (place === '' || told.has(place)) continue;
      told.add(place);
      const file = places.files.get(place);
      if (file !== undefined) yield finding('VLM-DEP-023', `${at}: ${file}`);
      for (const module of places.starts.get(place) ?? [])
        yield finding('VLM-DEP-012', `${module}, whose folder ${at} adds`, module);
    }
  }
}

/** Why the module of an allowed line is not what the line is allowed for. */
async function wrongModule(site: Site, line: PthLine & { readonly kind: 'allowed' }): Promise<string | undefined> {
  const { module, owner } = line;
  if (module === undefined) return undefined;
  const expected = owner === undefined ? `${module}.py` : `${module}/__init__.py`;
  // Python takes a package before a file, and an extension module before a source.
  const own = [...site.files.keys()].filter((path) => stemOf(path.split('/')[0] ?? '') === module);
  const sources = own.filter((path) => !/\/__pycache__\/[^/]+\.pyc$/.test(path));
  if (!sources.includes(expected)) return 'which is not there';
  const rivals = sources.filter((path) => path !== expected && (owner === undefined || isRival(path, module)));
  if (rivals.length > 0) return `which may be ${rivals[0] ?? ''} as well`;
  if (sources.some((path) => !site.isVouched(path))) return 'which no unchanged RECORD names';
  const owners = sources.map((path) => soleOwner(site, path));
  if (owner !== undefined)
    return owners.every((one) => one?.name === owner) ? undefined : `which is not installed by ${owner} alone`;
  if (owners[0]?.editable !== true) return 'which belongs to no editable install';
  const text = (await site.read(expected))?.toString('utf8');
  return text !== undefined && isEditableFinder(text, site.rules)
    ? undefined
    : 'which is no finder that setuptools writes';
}

/** What would be imported in place of `module/__init__.py`. */
function isRival(path: string, module: string): boolean {
  const [first, second = '', ...rest] = path.split('/');
  return first !== module || (stemOf(second) === '__init__' && rest.length === 0);
}

/** The one distribution that names a file, when no other one names its RECORD: a wheel can ship a whole second .dist-info. */
function soleOwner({ ownersOf }: Site, path: string): Owner | undefined {
  const [owner, ...others] = ownersOf(path);
  if (owner === undefined || others.length > 0) return undefined;
  return ownersOf(`${owner.folder}/RECORD`).every(({ folder }) => folder === owner.folder) ? owner : undefined;
}

const stemOf = (name: string): string => name.split('.')[0] ?? '';
