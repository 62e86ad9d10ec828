// conda: `environment.yml`, explicit lists (`@EXPLICIT`, one address with its digest a line) and conda-lock.yml. conda's
// packages are compiled elsewhere than those of PyPI, so that their names and versions are their own ecosystem.
import type { JsonObject } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Environment } from './environment.js';
import { fragmentHash, Gathered, normalHash, normalName } from './environment.js';
import { fromRequirements } from './from-requirements.js';
import { listOf, objectOf, objectsOf, textOf } from './json-fields.js';

export function fromEnvironmentYml(value: JsonObject): Environment {
  const gathered = new Gathered('environment.yml');
  const channels = listOf(value['channels'])
    .map(textOf)
    .filter((name) => name !== '' && name !== 'nodefaults');
  for (const [at, url] of channels.entries())
    gathered.index({ role: at === 0 ? 'first' : 'extra', url: `conda:${url}` });
  for (const entry of listOf(value['dependencies'])) {
    if (typeof entry === 'string') addSpec(gathered, entry);
    else if (isJsonObject(entry) && Array.isArray(entry['pip'])) addPip(gathered, listOf(entry['pip']).map(textOf));
    else gathered.unread(`the dependency ${JSON.stringify(entry).slice(0, 100)}`);
  }
  return gathered.environment;
}

/** Characters of one dependency of conda. */
const MAX_SPEC = 1_000;

/** `name=1.2.3=build` is exact, `name=1.2` a prefix, everything else a range. */
function addSpec(gathered: Gathered, spec: string): void {
  const short = spec.length > MAX_SPEC ? '' : spec.trim();
  const [, channel, name, rest = ''] = /^(?:([^\s:]+)::)?([A-Za-z0-9_.-]+)\s*(.*)$/.exec(short) ?? [];
  if (name === undefined) return gathered.unread(`the dependency ${JSON.stringify(spec.slice(0, 100))}`);
  const [, double, single, build] = /^(?:==\s*([^\s=,|*<>!]+)|=\s*([^\s=,|*<>!]+))(?:=([^\s*]+))?$/.exec(rest) ?? [];
  const version = double ?? single;
  gathered.add({
    name: name.toLowerCase(),
    ecosystem: 'conda',
    ...(version === undefined ? {} : { version }),
    exact: double !== undefined || build !== undefined,
    source: 'index',
    hashes: [],
    ...(channel === undefined ? {} : { index: `conda:${channel}` }),
  });
}

function addPip(gathered: Gathered, lines: readonly string[]): void {
  const inner = fromRequirements(lines.join('\n'));
  for (const one of inner.packages) gathered.add(one);
  for (const one of inner.indexes) gathered.index(one);
  for (const { code, text } of inner.notes) gathered[code](`pip: ${text}`);
}

const ARCHIVE = /\/([^/]+)-([^-/]+)-([^-/]+)\.(?:conda|tar\.bz2)$/;

export function fromExplicit(text: string): Environment {
  const gathered = new Gathered('conda explicit');
  for (const [at, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line === '@EXPLICIT' || line.startsWith('#')) continue;
    const [address = ''] = line.split('#');
    const [, name, version] = ARCHIVE.exec(address) ?? [];
    if (name === undefined || version === undefined) {
      gathered.unread(`the line ${JSON.stringify(line.slice(0, 100))}`, at + 1);
      continue;
    }
    const hash = fragmentHash(line);
    gathered.add({
      name: name.toLowerCase(),
      ecosystem: 'conda',
      version,
      exact: true,
      source: /^file:/i.test(address) ? 'path' : 'index',
      ...(/^file:/i.test(address) ? { location: address } : { index: address.replace(/\/[^/]*$/, '') }),
      hashes: hash === undefined ? [] : [hash],
      line: at + 1,
    });
  }
  return gathered.environment;
}

export function fromCondaLock(value: JsonObject): Environment {
  const gathered = new Gathered('conda-lock.yml');
  for (const [at, entry] of objectsOf(value['package']).entries()) {
    const name = textOf(entry['name']);
    const version = textOf(entry['version']);
    if (name === '' || version === '') {
      gathered.unread(`package ${at + 1}, which has no name or no version`);
      continue;
    }
    const pip = entry['manager'] === 'pip';
    const url = textOf(entry['url']);
    const hashes = Object.entries(objectOf(entry['hash'])).flatMap(
      ([algorithm, digits]) => normalHash(`${algorithm}:${textOf(digits)}`) ?? [],
    );
    gathered.add({
      name: pip ? normalName(name) : name.toLowerCase(),
      ecosystem: pip ? 'pypi' : 'conda',
      version,
      exact: true,
      source: 'index',
      hashes,
      ...(url === '' || pip ? {} : { index: url.replace(/\/[^/]*$/, '') }),
    });
  }
  return gathered.environment;
}
