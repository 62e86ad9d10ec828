// Requirements as pip reads them: what is not pinned, comes from another index, or over a connection that is open to others.
import type { Requirement } from '@vallum/formats';
import { readRequirements } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, wholeText } from '../context.js';

export async function examineRequirements(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as requirements');
  if (text === undefined) return;
  for (const requirement of readRequirements(text)) judgeRequirement(context, item, requirement);
}

function judgeRequirement(context: Context, item: Item, requirement: Requirement): void {
  const { line } = requirement;
  const tell = (rule: string, detail: string): void =>
    find(context, item, { rule, detail: `${detail.slice(0, 200)}, line ${line}`, location: { line } });
  switch (requirement.kind) {
    case 'package': {
      const { name, url, pinned, hashed, specifier } = requirement;
      if (url !== undefined) return tellUrl(tell, url, hashed);
      if (!pinned) tell('VLM-REQ-001', `${name}${specifier}`);
      else if (!hashed) tell('VLM-REQ-002', `${name}${specifier}`);
      return;
    }
    case 'url':
      return tellUrl(tell, requirement.url, false);
    case 'option':
      return tellOption(tell, requirement.name, requirement.value);
    case 'unknown':
      return tell('VLM-REQ-008', requirement.text);
  }
}

type Tell = (rule: string, detail: string) => void;

function tellUrl(tell: Tell, url: string, hashed: boolean): void {
  if (/^(?:git\+|hg\+|svn\+|bzr\+)?(?:http|git|ftp|svn):/i.test(url)) tell('VLM-REQ-006', url);
  else if (!hashed) tell('VLM-REQ-005', url);
}

function tellOption(tell: Tell, name: string, value: string): void {
  switch (name) {
    case '--extra-index-url':
      return tell('VLM-REQ-003', value);
    case '--trusted-host':
      return tell('VLM-REQ-006', `${name} ${value}`);
    case '--index-url':
      return tell(/^http:/i.test(value) ? 'VLM-REQ-006' : 'VLM-REQ-004', value);
    case '--find-links':
      return tell(/^http:/i.test(value) ? 'VLM-REQ-006' : 'VLM-REQ-007', `${name} ${value}`);
    case '--requirement':
    case '--constraint':
      return tell('VLM-REQ-007', `${name} ${value}`);
    case '--no-index':
    case '--require-hashes':
    case '--only-binary':
    case '--prefer-binary':
    case '--use-feature':
    case '--hash':
      return;
    default:
      return tell('VLM-REQ-008', `${name} ${value}`);
  }
}
