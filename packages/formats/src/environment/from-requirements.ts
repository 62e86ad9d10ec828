// requirements.txt and `pip freeze`: one reader of lines (`requirements/`) serves the scanner and the captured environment.
import { readRequirementLines } from '../requirements/read-requirements.js';
import type { Requirement } from '../requirements/read-requirements.js';
import type { Environment, EnvironmentIndex } from './environment.js';
import { Gathered, located, normalName } from './environment.js';

const ROLES: Readonly<Record<string, EnvironmentIndex['role']>> = {
  '--index-url': 'first',
  '--extra-index-url': 'extra',
  '--find-links': 'links',
  '--trusted-host': 'trusted',
};

export function fromRequirements(text: string): Environment {
  const gathered = new Gathered('requirements');
  const { requirements, cut } = readRequirementLines(text);
  for (const requirement of requirements) note(gathered, requirement);
  if (cut) gathered.unread('the lines after the last one that is read');
  return gathered.environment;
}

function note(gathered: Gathered, requirement: Requirement): void {
  const { line } = requirement;
  switch (requirement.kind) {
    case 'package': {
      const { name, specifier, pinned, url, hashes } = requirement;
      const version = pinned ? specifier.replace(/^[(\s=]+|[)\s]+$/g, '') : undefined;
      gathered.add({
        name: normalName(name),
        ecosystem: 'pypi',
        ...(version === undefined ? {} : { version }),
        exact: pinned,
        ...(url === undefined ? { source: 'index' } : located(url)),
        hashes,
        line,
      });
      return;
    }
    case 'url': {
      const { url, hashes } = requirement;
      gathered.add({ ...addressed(url), exact: false, hashes, line });
      return;
    }
    case 'option':
      return option(gathered, requirement.name, requirement.value, line);
    case 'unknown':
      return gathered.unread(`the line ${JSON.stringify(requirement.text.slice(0, 100))}`, line);
  }
}

/** A wheel's name has name and version in it (PEP 427), an `egg` fragment the name. */
function addressed(url: string): Omit<Parameters<Gathered['add']>[0], 'exact' | 'hashes'> {
  const path = url.split(/[?#]/)[0] ?? '';
  const [, wheel, version] = /([^/\\]+?)-([^-/\\]+)(?:-[^-/\\]+)?-[^-/\\]+-[^-/\\]+-[^-/\\]+\.whl$/i.exec(path) ?? [];
  const egg = /[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(url)?.[1];
  const name =
    wheel ??
    egg ??
    path
      .split(/[/\\]/)
      .filter((part) => part !== '')
      .at(-1)
      ?.replace(/\.git(@.*)?$/, '');
  return {
    name: normalName(name ?? url.slice(0, 100)),
    ecosystem: 'pypi',
    ...(wheel === undefined || version === undefined ? {} : { version }),
    ...located(url),
  };
}

function option(gathered: Gathered, name: string, value: string, line: number): void {
  const role = ROLES[name];
  if (role !== undefined) return gathered.index({ role, url: value, line });
  if (name === '--requirement' || name === '--constraint') return gathered.refers(`${name} ${value}`, line);
}
