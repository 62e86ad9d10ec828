// requirements.txt and `pip freeze`: one reader of lines (`requirements/`) serves the scanner and the captured environment.
import { readRequirements } from '../requirements/read-requirements.js';
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
  for (const requirement of readRequirements(text)) note(gathered, requirement);
  return gathered.environment;
}

function note(gathered: Gathered, requirement: Requirement): void {
  const { line } = requirement;
  switch (requirement.kind) {
    case 'package': {
      const { name, version, pinned, url, hashes } = requirement;
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
      return gathered.unread(`the line ${JSON.stringify(requirement.text.slice(0, 100))}: ${requirement.why}`, line);
  }
}

/** A wheel's name has name and version in it (PEP 427), an `egg` fragment the name. */
function addressed(url: string): Omit<Parameters<Gathered['add']>[0], 'exact' | 'hashes'> {
  const path = url.split(/[?#]/)[0] ?? '';
  const base = path.split(/[/\\]/).findLast((part) => part !== '');
  const { wheel, version } = readWheelName(base ?? '');
  const egg = /[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(url)?.[1];
  const name = wheel ?? egg ?? base?.replace(/\.git(?:@.*)?$/, '');
  return {
    name: normalName(name ?? url.slice(0, 100)),
    ecosystem: 'pypi',
    ...(version === undefined ? {} : { version }),
    ...located(url),
  };
}

/** `name-version(-build)-python-abi-platform.whl`; none of the parts has a dash. */
function readWheelName(base: string): { readonly wheel?: string; readonly version?: string } {
  const parts = /\.whl$/i.test(base) ? base.slice(0, -4).split('-') : [];
  const [wheel, version] = parts;
  if (wheel === undefined || version === undefined || parts.length < 5 || parts.length > 6) return {};
  return parts.includes('') ? {} : { wheel, version };
}

function option(gathered: Gathered, name: string, value: string, line: number): void {
  const role = ROLES[name];
  if (role !== undefined) return gathered.index({ role, url: value, line });
  if (name === '--requirement' || name === '--constraint') return gathered.refers(`${name} ${value}`, line);
}
