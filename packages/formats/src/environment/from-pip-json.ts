// `pip list --format json` (names and versions), `pip inspect` (PEP 610 origins beside the metadata of each) and the report of
// `pip install --report`, the only one of the three that has hashes.
import type { JsonObject, JsonValue } from '@vallum/core';
import { readDirectUrl } from './direct-url.js';
import type { Environment, EnvironmentPackage } from './environment.js';
import { Gathered, normalName } from './environment.js';
import { objectOf, objectsOf, textOf } from './json-fields.js';

export function fromPipList(list: readonly JsonValue[]): Environment {
  const gathered = new Gathered('pip list');
  for (const [at, entry] of list.entries()) {
    const fields = objectOf(entry);
    const editable = textOf(fields['editable_project_location']);
    addInstalled(gathered, { name: textOf(fields['name']), version: textOf(fields['version']), at: at + 1 }, () =>
      editable === '' ? { source: 'unknown', hashes: [] } : { source: 'path', location: editable, hashes: [] },
    );
  }
  return gathered.environment;
}

export function fromPipInspect(report: JsonObject): Environment {
  const gathered = new Gathered('pip inspect');
  for (const [at, entry] of objectsOf(report['installed']).entries()) {
    const metadata = objectOf(entry['metadata']);
    addInstalled(gathered, { name: textOf(metadata['name']), version: textOf(metadata['version']), at: at + 1 }, () =>
      entry['direct_url'] === undefined
        ? { source: 'index', hashes: [] }
        : readDirectUrl(objectOf(entry['direct_url'])),
    );
  }
  return gathered.environment;
}

export function fromPipReport(report: JsonObject): Environment {
  const gathered = new Gathered('pip report');
  for (const [at, entry] of objectsOf(report['install']).entries()) {
    const metadata = objectOf(entry['metadata']);
    const yanked = entry['is_yanked'] === true ? { yanked: true as const } : {};
    addInstalled(gathered, { name: textOf(metadata['name']), version: textOf(metadata['version']), at: at + 1 }, () => {
      const origin = readDirectUrl(objectOf(entry['download_info']));
      if (entry['is_direct'] === true) return { ...origin, ...yanked };
      return { source: 'index', hashes: origin.hashes, ...yanked };
    });
  }
  return gathered.environment;
}

type Origin = ReturnType<typeof readDirectUrl> & Pick<EnvironmentPackage, 'yanked'>;

function addInstalled(
  gathered: Gathered,
  { name, version, at }: { readonly name: string; readonly version: string; readonly at: number },
  origin: () => Origin,
): void {
  if (name === '' || version === '') return gathered.unread(`entry ${at}, which has no name or no version`);
  gathered.add({ name: normalName(name), ecosystem: 'pypi', version, exact: true, ...origin() });
}
