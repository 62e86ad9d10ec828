// Requirements as pip reads them: what is not pinned, comes from another index, over a connection that is open to others, or
// is named almost like a popular package. `judgeRequirement` serves every file that lists dependencies of Python.
import type { Requirement } from '@vallum/formats';
import { readRequirements } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, wholeText } from '../context.js';
import { rulesOf } from '../shell/note-commands.js';
import { isKnownIndex } from '../shell/origins.js';
import { looksLike } from '../workspace/look-alikes.js';

export async function examineRequirements(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as requirements');
  if (text === undefined) return;
  for (const requirement of readRequirements(text)) judgeRequirement(context, item, requirement);
}

/** One dependency as another file names it: `numpy>=1`, `x @ https://...`, `-i https://...`. */
export function judgeDependency(context: Context, item: Item, text: string, line?: number): void {
  for (const requirement of readRequirements(text)) {
    // Ranges are what such files are for; a name that is no requirement is another tool's syntax.
    if (requirement.kind === 'unknown' && !requirement.text.startsWith('-')) continue;
    judgeRequirement(context, item, { ...requirement, line: line ?? 0 }, true);
  }
}

export function judgeRequirement(context: Context, item: Item, requirement: Requirement, ranges = false): void {
  const { line } = requirement;
  const tell: Tell = (rule, detail, severity) =>
    find(context, item, {
      rule,
      detail: `${detail.slice(0, 200)}${line === 0 ? '' : `, line ${line}`}`,
      ...(line === 0 ? {} : { location: { line } }),
      ...(severity === undefined ? {} : { severity }),
    });
  switch (requirement.kind) {
    case 'package': {
      const { name, url, pinned, hashed, specifier } = requirement;
      judgeName(context, item, name, line, 'pypi');
      if (url !== undefined) return tellUrl(tell, url, hashed);
      if (ranges) return;
      if (!pinned) tell('VLM-REQ-001', `${name}${specifier}`);
      else if (!hashed) tell('VLM-REQ-002', `${name}${specifier}`);
      return;
    }
    case 'url':
      return tellUrl(tell, requirement.url, false);
    case 'option':
      return tellOption(tell, requirement.name, requirement.value, (url) => isKnownIndex(url, rulesOf(context).data));
    case 'unknown':
      return tell('VLM-REQ-008', requirement.text);
  }
}

export function judgeName(context: Context, item: Item, name: string, line: number, registry: 'pypi' | 'npm'): void {
  const { popular } = context.rules.files;
  const other = looksLike(name, popular[registry], popular.affixes);
  if (other === undefined) return;
  find(context, item, {
    rule: other.added ? 'VLM-REQ-011' : 'VLM-REQ-010',
    detail: `${name.slice(0, 100)} for ${other.name}${line === 0 ? '' : `, line ${line}`}`,
    ...(line === 0 ? {} : { location: { line } }),
  });
}

type Tell = (rule: string, detail: string, severity?: 'high') => void;

function tellUrl(tell: Tell, url: string, hashed: boolean): void {
  if (/^(?:git\+|hg\+|svn\+|bzr\+)?(?:http|git|ftp|svn):/i.test(url)) tell('VLM-REQ-006', url);
  else if (!hashed) tell('VLM-REQ-005', url);
}

export function tellOption(tell: Tell, name: string, value: string, known: (url: string) => boolean): void {
  switch (name) {
    case '--extra-index-url':
      return tell(known(value) ? 'VLM-REQ-009' : 'VLM-REQ-003', value);
    case '--trusted-host':
      return tell('VLM-REQ-006', `${name} ${value}`);
    case '--index-url':
      return tell(/^http:/i.test(value) ? 'VLM-REQ-006' : known(value) ? 'VLM-REQ-009' : 'VLM-REQ-004', value);
    case '--find-links':
      return tell(
        /^http:/i.test(value) ? 'VLM-REQ-006' : known(value) ? 'VLM-REQ-009' : 'VLM-REQ-007',
        `${name} ${value}`,
      );
    case '--requirement':
    case '--constraint':
      return tell('VLM-REQ-007', `${name} ${value}`);
    case '--no-index':
    case '--require-hashes':
    case '--only-binary':
    case '--no-binary':
    case '--pre':
    case '--prefer-binary':
    case '--use-feature':
    case '--hash':
      return;
    default:
      return tell('VLM-REQ-008', `${name} ${value}`);
  }
}
