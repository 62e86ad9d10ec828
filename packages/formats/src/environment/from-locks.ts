// Lock files of the Python tools: Pipfile.lock, poetry.lock, uv.lock, pdm.lock and pylock.toml (PEP 751). All name exact
// versions; they differ in where they keep the hashes and in how they say that a package comes from somewhere else.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Environment, EnvironmentPackage } from './environment.js';
import { ENVIRONMENT_LIMITS, Gathered, isCommit, located, normalHash, normalName } from './environment.js';
import { listOf, objectOf, objectsOf, textOf } from './json-fields.js';

/** What every lock says of a package, in the fields that it may have. */
interface Locked {
  readonly name: string;
  readonly version: string;
  readonly hashes: readonly JsonValue[];
  readonly origin: Pick<EnvironmentPackage, 'source' | 'location' | 'commit' | 'index'>;
}

function add(gathered: Gathered, { name, version, hashes, origin }: Locked, at: string): void {
  if (name === '') return gathered.unread(`${at}, which has no name`);
  const found = hashes.flatMap((hash) => normalHash(textOf(hash)) ?? []);
  if (found.length < hashes.length) gathered.unread(`a hash of ${name}, which has another form`);
  gathered.add({
    name: normalName(name),
    ecosystem: 'pypi',
    ...(version === '' ? {} : { version }),
    exact: version !== '',
    ...origin,
    hashes: [...new Set(found)].slice(0, ENVIRONMENT_LIMITS.maxHashes),
  });
}

const INDEX = { source: 'index' } as const;

function vcs(url: string, commit: string): Locked['origin'] {
  return { source: 'vcs', location: `git+${url}`, ...(isCommit(commit) ? { commit: commit.toLowerCase() } : {}) };
}

/** @param lock with `_meta` and the groups `default`, `develop` and others */
export function fromPipfileLock(lock: JsonObject): Environment {
  const gathered = new Gathered('Pipfile.lock');
  const sources = objectsOf(objectOf(lock['_meta'])['sources']);
  for (const [at, source] of sources.entries()) {
    gathered.index({ role: at === 0 ? 'first' : 'extra', url: textOf(source['url']) });
    if (source['verify_ssl'] === false) gathered.index({ role: 'trusted', url: textOf(source['url']) });
  }
  const indexOf = (name: string): string | undefined =>
    sources.map((source) => (source['name'] === name ? textOf(source['url']) : '')).find((url) => url !== '');
  for (const [group, packages] of Object.entries(lock)) {
    if (group === '_meta') continue;
    for (const [name, value] of Object.entries(objectOf(packages))) {
      const entry = objectOf(value);
      const version = textOf(entry['version']).replace(/^={2,3}\s*/, '');
      const index = indexOf(textOf(entry['index']));
      const repository = textOf(entry['git']);
      const address = textOf(entry['file']) || textOf(entry['path']) || textOf(entry['url']);
      const origin =
        repository !== ''
          ? vcs(repository, textOf(entry['ref']))
          : address !== ''
            ? located(address)
            : { ...INDEX, ...(index === undefined ? {} : { index }) };
      add(gathered, { name, version, hashes: listOf(entry['hashes']), origin }, `an entry of ${group}`);
    }
  }
  return gathered.environment;
}

/** poetry.lock, uv.lock and pdm.lock share `[[package]]`; pylock.toml has `[[packages]]`. */
export function fromTomlLock(lock: JsonObject, format: string): Environment {
  const gathered = new Gathered(format);
  const packages = objectsOf(lock['package']).concat(objectsOf(lock['packages']));
  // Poetry before 1.5 kept the files of all packages in one table.
  const files = objectOf(objectOf(lock['metadata'])['files']);
  for (const [at, entry] of packages.entries()) {
    const name = textOf(entry['name']);
    if (isOwnProject(entry)) continue;
    const archives = [
      ...objectsOf(entry['files']),
      ...objectsOf(files[name]),
      ...objectsOf(entry['wheels']),
      ...[entry['sdist'], entry['archive']].filter(isJsonObject),
    ];
    const hashes = archives.flatMap((file) => hashesOf(file));
    const version = textOf(entry['version']);
    add(gathered, { name, version, hashes, origin: originOf(entry) }, `package ${at + 1}`);
  }
  for (const { index } of gathered.environment.packages)
    if (index !== undefined)
      gathered.index({ role: gathered.environment.indexes.length === 0 ? 'first' : 'extra', url: index });
  return gathered.environment;
}

/** uv lists the project that is locked as `virtual` or `editable` in `.`; it is no dependency. */
function isOwnProject(entry: JsonObject): boolean {
  const source = objectOf(entry['source']);
  return source['virtual'] === '.' || source['editable'] === '.';
}

function hashesOf(file: JsonObject): readonly JsonValue[] {
  const table = Object.entries(objectOf(file['hashes'])).map(([name, digits]) => `${name}:${textOf(digits)}`);
  return file['hash'] === undefined ? table : [file['hash'], ...table];
}

function originOf(entry: JsonObject): Locked['origin'] {
  const source = objectOf(entry['source']);
  const kind = textOf(source['type']);
  const url = textOf(source['url']);
  if (kind === 'git') return vcs(url, textOf(source['resolved_reference']));
  if (kind === 'url' || kind === 'file' || kind === 'directory') return located(url);
  if (kind === 'legacy') return { ...INDEX, index: url };
  if (typeof source['registry'] === 'string') return registry(source['registry']);
  if (typeof source['git'] === 'string') {
    const [address = '', commit = ''] = source['git'].split('#');
    return vcs(address, commit);
  }
  for (const key of ['url', 'path', 'directory', 'editable', 'virtual'])
    if (typeof source[key] === 'string') return located(source[key]);
  const repository = objectOf(entry['vcs']);
  if (textOf(repository['type']) !== '')
    return vcs(textOf(repository['url']) || textOf(repository['path']), textOf(repository['commit-id']));
  const direct = textOf(objectOf(entry['archive'])['url']) || textOf(objectOf(entry['archive'])['path']);
  const folder = textOf(objectOf(entry['directory'])['path']);
  if (direct !== '' || folder !== '') return located(direct || folder);
  // pdm says it in the entry itself.
  if (textOf(entry['git']) !== '') return vcs(textOf(entry['git']), textOf(entry['revision']));
  const own = textOf(entry['url']) || textOf(entry['path']);
  if (own !== '') return located(own);
  return textOf(entry['index']) === '' ? INDEX : registry(textOf(entry['index']));
}

/** uv names folders as registries too. */
function registry(address: string): Locked['origin'] {
  return /^https?:/i.test(address) ? { ...INDEX, index: address } : located(address);
}
