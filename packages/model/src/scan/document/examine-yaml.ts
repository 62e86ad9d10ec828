// YAML: tags that build objects while it is read (PyYAML's unsafe loaders), and keys that make a loader import something.
import { messageOf } from '@vallum/core';
import { readYaml } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, skip, wholeText } from '../context.js';
import { applyKeys } from './json-keys.js';

export const examineYaml = (context: Context, item: Item): Promise<void> => examine(context, item, true);

/** Where YAML is only a guess, tags are looked for and nothing else. */
export const guessYaml = (context: Context, item: Item): Promise<void> => examine(context, item, false);

// A tag outside YAML's own types builds an object in loaders that are not safe; %TAG gives such a tag another name.
const TAG =
  /^(?!\s*#)(?:.*[\s[{,:?-])?(!!?(?!(?:str|int|float|bool|null|map|seq|set|omap|pairs|binary|timestamp|merge|value|yaml)\b)[A-Za-z][\w.:/-]*|!<[^>]{1,200}>)/;

/** A line without quoted values and without its comment. A quote inside a word quotes nothing. */
function bare(line: string): string {
  return line.replace(/(?<=^|[\s:,[{-])(?:"(?:[^"\\]|\\.)*"|'[^']*')/g, '""').replace(/(^|\s)#.*$/, '');
}

async function examine(context: Context, item: Item, strict: boolean): Promise<void> {
  const text = await wholeText(context, item, 'as YAML');
  if (text === undefined) return;
  for (const [index, line] of text.split('\n').entries()) {
    const tag = TAG.exec(bare(line.slice(0, 2000)))?.[1] ?? (/^%TAG\b/.test(line) ? '%TAG' : undefined);
    if (tag !== undefined && (strict || /python|java|ruby|object|new|apply/i.test(tag)))
      find(context, item, {
        rule: 'VLM-YML-001',
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
