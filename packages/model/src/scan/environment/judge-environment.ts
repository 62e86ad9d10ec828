// What is wrong with a captured environment by itself: no hash, no exact version, more than one index, sources that bypass the
// index, names that look like popular ones. One finding for each rule and capture, so that a list of 500 packages without
// hashes is one sentence.
import type { Finding, Severity } from '@vallum/core';
import type { Environment, EnvironmentIndex, EnvironmentPackage } from '@vallum/formats';
import { looksLike } from '../workspace/look-alikes.js';
import type { EnvironmentRules } from './rules.js';

const NAMED = 8;

export function judgeEnvironment(environment: Environment, file: string, rules: EnvironmentRules): readonly Finding[] {
  const { packages, indexes } = environment;
  const found: Finding[] = [];
  const tell = (rule: string, which: readonly string[], line?: number, severity?: Severity): void => {
    if (which.length === 0) return;
    const more = which.length > NAMED ? ` and ${which.length - NAMED} more` : '';
    found.push(
      rules.finding({
        rule,
        detail: `${which.slice(0, NAMED).map(shown).join(', ')}${more}`,
        location: { file, ...(line === undefined ? {} : { line }) },
        ...(severity === undefined ? {} : { severity }),
      }),
    );
  };
  const all = (rule: string, applies: (one: EnvironmentPackage) => boolean): void => {
    const which = packages.filter(applies);
    tell(rule, which.map(nameOf), which[0]?.line);
  };
  all('VLM-DEP-001', (one) => fromIndex(one) && one.hashes.length === 0);
  all('VLM-DEP-002', (one) => one.hashes.length > 0 && !isStrong(one));
  all('VLM-DEP-003', (one) => fromIndex(one) && !one.exact);
  all('VLM-DEP-006', (one) => one.source === 'vcs' && one.commit === undefined);
  all('VLM-DEP-007', (one) => one.source === 'url' && one.hashes.length === 0);
  all('VLM-DEP-008', (one) => one.source === 'path');
  all('VLM-DEP-022', (one) => one.yanked === true);
  judgeIndexes(
    indexes,
    packages.every((one) => !fromIndex(one) || isStrong(one)),
    rules,
    tell,
  );
  const open = packages.filter(({ location }) => location !== undefined && isOpen(location));
  tell(
    'VLM-DEP-005',
    open.map(({ location = '' }) => location),
    open[0]?.line,
  );
  judgeNames(packages, rules, tell);
  return found;
}

type Tell = (rule: string, which: readonly string[], line?: number, severity?: Severity) => void;

const fromIndex = ({ source }: EnvironmentPackage): boolean => source === 'index' || source === 'unknown';
const isStrong = ({ hashes }: EnvironmentPackage): boolean =>
  hashes.some((hash) => /^(?:sha(?:256|384|512)|blake2b):/.test(hash));
const nameOf = ({ name, version }: EnvironmentPackage): string => (version === undefined ? name : `${name} ${version}`);
/** No password of an address reaches a signed statement. */
export const withoutPasswords = (text: string): string => text.replace(/(\/\/[^/@\s:]*):[^/@\s]*@/g, '$1:***@');
const shown = (text: string): string => withoutPasswords(text).slice(0, 120);
/** Anyone on the way can answer instead. */
const isOpen = (url: string): boolean => /^(?:(?:git|hg|svn|bzr)\+)?(?:http|git|ftp|svn):/i.test(url);

/** @param pinned whether every package of an index has a hash that cannot be forged, so that another index gains nothing */
function judgeIndexes(
  indexes: readonly EnvironmentIndex[],
  pinned: boolean,
  { isKnownIndex }: EnvironmentRules,
  tell: Tell,
): void {
  for (const { role, url, line } of indexes) {
    if (role === 'trusted') tell('VLM-DEP-005', [`--trusted-host ${url}`], line);
    else if (isOpen(url)) tell('VLM-DEP-005', [url], line);
    else if (isKnownIndex(url)) continue;
    else if (role === 'first') tell('VLM-DEP-009', [url], line);
    else tell('VLM-DEP-004', [url], line, pinned ? 'medium' : undefined);
  }
}

function judgeNames(packages: readonly EnvironmentPackage[], { popular }: EnvironmentRules, tell: Tell): void {
  const alike = packages.flatMap(({ name, ecosystem }) => {
    const other = ecosystem === 'pypi' ? looksLike(name, popular.pypi, popular.affixes) : undefined;
    // A popular name with something added is how plug-ins are named.
    return other === undefined || other.added ? [] : [`${name} for ${other.name}`];
  });
  tell('VLM-DEP-019', alike);
}
