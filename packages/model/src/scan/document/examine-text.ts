// Text that configures something: JSON, YAML, requirements. Plain text, Markdown and images do nothing when read, so
// nothing is looked for in them: a page that mentions os.system is a page.
import { messageOf, parseJsonStrict } from '@vallum/core';
import type { JsonValue } from '@vallum/core';
import type { Requirement } from '@vallum/formats';
import { readRequirements, readYaml } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, skip, wholeText } from '../context.js';
import { KeyRules } from './json-keys.js';

export async function examineJson(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as JSON');
  if (text === undefined) return;
  const limits = { maxBytes: context.budgets.maxTextBytes, maxDepth: 200 };
  try {
    applyKeys(context, item, parseJsonStrict(text, limits));
  } catch (error) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length < 2 || !lines.every((line) => line.trimStart().startsWith('{')))
      return skip(context, item, 'as JSON', messageOf(error));
    examineLines(context, item, lines);
  }
}

/** JSON lines: one value a line. */
function examineLines(context: Context, item: Item, lines: readonly string[]): void {
  try {
    for (const line of lines) applyKeys(context, item, parseJsonStrict(line, { maxDepth: 200 }));
  } catch (error) {
    skip(context, item, 'as JSON lines', messageOf(error));
  }
}

function applyKeys(context: Context, item: Item, value: JsonValue): void {
  for (const { rule, path, value: seen } of new KeyRules(context.rules.files.jsonKeys.rules).match(value)) {
    if (rule.finding !== undefined) find(context, item, { rule: rule.finding, detail: `${path} = ${seen}` });
    if (rule.notExamined !== undefined)
      skip(context, item, rule.notExamined, `it is recognised by ${path}, not examined`);
  }
}

// A tag outside YAML's own types builds an object in loaders that are not safe; %TAG gives such a tag another name.
const TAG =
  /^(?!\s*#)(?:.*[\s[{,:?-])?(!!?(?!(?:str|int|float|bool|null|map|seq|set|omap|pairs|binary|timestamp|merge|value|yaml)\b)[A-Za-z][\w.:/-]*|!<[^>]{1,200}>)/;

/** A line without quoted values and without its comment. A quote inside a word quotes nothing. */
function bare(line: string): string {
  return line.replace(/(?<=^|[\s:,[{-])(?:"(?:[^"\\]|\\.)*"|'[^']*')/g, '""').replace(/(^|\s)#.*$/, '');
}

/** @param strict false where YAML is only a guess: then tags are looked for and nothing else */
export async function examineYaml(context: Context, item: Item, strict: boolean): Promise<void> {
  const text = await wholeText(context, item, 'as YAML');
  if (text === undefined) return;
  for (const [index, line] of text.split('\n').entries()) {
    const tag = TAG.exec(bare(line.slice(0, 2000)))?.[1] ?? (/^%TAG\b/.test(line) ? '%TAG' : undefined);
    if (tag !== undefined && (strict || /python|java|ruby|object|new|apply/i.test(tag)))
      find(context, item, {
        rule: 'VAL-YML-001',
        detail: `${tag} in line ${index + 1}`,
        location: { line: index + 1 },
      });
  }
  if (!strict) return;
  try {
    applyKeys(context, item, readYaml(text, { maxBytes: context.budgets.maxTextBytes }));
  } catch (error) {
    skip(context, item, 'as YAML', messageOf(error));
  }
}

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
      if (!pinned) tell('VAL-REQ-001', `${name}${specifier}`);
      else if (!hashed) tell('VAL-REQ-002', `${name}${specifier}`);
      return;
    }
    case 'url':
      return tellUrl(tell, requirement.url, false);
    case 'option':
      return tellOption(tell, requirement.name, requirement.value);
    case 'unknown':
      return tell('VAL-REQ-008', requirement.text);
  }
}

type Tell = (rule: string, detail: string) => void;

function tellUrl(tell: Tell, url: string, hashed: boolean): void {
  if (/^(?:git\+|hg\+|svn\+|bzr\+)?(?:http|git|ftp|svn):/i.test(url)) tell('VAL-REQ-006', url);
  else if (!hashed) tell('VAL-REQ-005', url);
}

function tellOption(tell: Tell, name: string, value: string): void {
  switch (name) {
    case '--extra-index-url':
      return tell('VAL-REQ-003', value);
    case '--trusted-host':
      return tell('VAL-REQ-006', `${name} ${value}`);
    case '--index-url':
      return tell(/^http:/i.test(value) ? 'VAL-REQ-006' : 'VAL-REQ-004', value);
    case '--find-links':
      return tell(/^http:/i.test(value) ? 'VAL-REQ-006' : 'VAL-REQ-007', `${name} ${value}`);
    case '--requirement':
    case '--constraint':
      return tell('VAL-REQ-007', `${name} ${value}`);
    case '--no-index':
    case '--require-hashes':
    case '--only-binary':
    case '--prefer-binary':
    case '--use-feature':
    case '--hash':
      return;
    default:
      return tell('VAL-REQ-008', `${name} ${value}`);
  }
}
