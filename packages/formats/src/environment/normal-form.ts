// Vallum's own capture, `vallum/environment/v1`: canonical JSON of the normal form, written by `vallum env capture`.
import type { JsonObject, JsonValue } from '@vallum/core';
import { canonicalJson, isJsonObject } from '@vallum/core';
import type { Environment, EnvironmentIndex, EnvironmentPackage, PackageSource } from './environment.js';
import { Gathered, normalHash, normalName } from './environment.js';
import { listOf, objectsOf, textOf } from './json-fields.js';

export const ENVIRONMENT_SCHEMA = 'vallum/environment/v1';

/** Canonical JSON with a line break at its end. */
export function writeEnvironment(environment: Environment): string {
  return `${canonicalJson({ schema: ENVIRONMENT_SCHEMA, ...environment } as unknown as JsonValue)}\n`;
}

const SOURCES: readonly PackageSource[] = ['index', 'url', 'vcs', 'path', 'unknown'];
const ROLES: readonly EnvironmentIndex['role'][] = ['first', 'extra', 'links', 'trusted'];

export function fromNormalForm(value: JsonObject): Environment {
  const gathered = new Gathered(textOf(value['format']).slice(0, 60) || ENVIRONMENT_SCHEMA);
  for (const [at, entry] of listOf(value['packages']).entries()) {
    const one = isJsonObject(entry) ? readPackage(entry) : undefined;
    if (one === undefined) gathered.unread(`package ${at + 1}, which has another form`);
    else gathered.add(one);
  }
  for (const entry of objectsOf(value['indexes'])) {
    const role = ROLES.find((known) => known === entry['role']);
    if (role === undefined) gathered.unread('an index of another form');
    else gathered.index({ role, url: textOf(entry['url']) });
  }
  for (const entry of objectsOf(value['notes']))
    gathered[entry['code'] === 'refers' ? 'refers' : 'unread'](textOf(entry['text']));
  return gathered.environment;
}

function readPackage(entry: JsonObject): EnvironmentPackage | undefined {
  const name = textOf(entry['name']);
  const source = SOURCES.find((known) => known === entry['source']);
  const ecosystem = entry['ecosystem'] === 'conda' ? 'conda' : entry['ecosystem'] === 'pypi' ? 'pypi' : undefined;
  const hashes = listOf(entry['hashes']).map((hash) => normalHash(textOf(hash)));
  if (name === '' || source === undefined || ecosystem === undefined) return undefined;
  const version = textOf(entry['version']);
  const optional = (key: 'location' | 'commit' | 'index'): Partial<EnvironmentPackage> => {
    const text = textOf(entry[key]);
    return text === '' ? {} : { [key]: text };
  };
  return {
    name: ecosystem === 'pypi' ? normalName(name) : name.toLowerCase(),
    ecosystem,
    ...(version === '' ? {} : { version }),
    exact: entry['exact'] === true && version !== '',
    source,
    ...optional('location'),
    ...optional('commit'),
    hashes: hashes.filter((hash) => hash !== undefined),
    ...optional('index'),
    ...(entry['yanked'] === true ? { yanked: true } : {}),
  };
}
