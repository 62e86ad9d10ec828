// `direct_url.json` (PEP 610): where an installed distribution came from when it was not an index.
import type { JsonObject } from '@vallum/core';
import type { EnvironmentPackage } from './environment.js';
import { isCommit, normalHash } from './environment.js';
import { objectOf, textOf } from './json-fields.js';

export function readDirectUrl(
  value: JsonObject,
): Pick<EnvironmentPackage, 'source' | 'location' | 'commit' | 'hashes'> {
  const location = textOf(value['url']);
  const vcs = objectOf(value['vcs_info']);
  if (textOf(vcs['vcs']) !== '') {
    const commit = textOf(vcs['commit_id']);
    const address = `${textOf(vcs['vcs'])}+${location}`;
    return { source: 'vcs', location: address, hashes: [], ...(isCommit(commit) ? { commit } : {}) };
  }
  if (value['dir_info'] !== undefined) return { source: 'path', location, hashes: [] };
  const archive = objectOf(value['archive_info']);
  const all = Object.entries(objectOf(archive['hashes'])).map(([name, digits]) => `${name}:${textOf(digits)}`);
  const hashes = [...all, textOf(archive['hash'])].flatMap((one) => normalHash(one) ?? []);
  const source = /^file:/i.test(location) ? 'path' : location === '' ? 'unknown' : 'url';
  return { source, location, hashes: [...new Set(hashes)] };
}
